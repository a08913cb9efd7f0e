// Where things are: the checkout, what has been built, the browser and how it is started.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const kArtifacts = path.join(kRoot, 'build/e2e-artifacts');

function first_existing(candidates, what) {
  const found = candidates.filter(Boolean).find((each) => fs.existsSync(each));
  if (!found) throw new Error(`${what} is not built: none of ${candidates.filter(Boolean).join(', ')} exists`);
  return found;
}

export const gateway_path = () => process.env.BINNACLE_GATEWAY
  || first_existing(['dev', 'release'].map((preset) => path.join(kRoot, 'build', preset, 'binnacle-gateway')), 'the gateway');
export const dist_path = () => process.env.BINNACLE_DIST || first_existing([path.join(kRoot, 'dist')], 'the site');
const kWithWindows = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
const chosen_browser = () => process.env.CHROMIUM || process.env.BINNACLE_CHROMIUM;
// Chromium without windows first: with them each profile costs two more processes for a tool bar that nobody sees (14.7 s CPU for a test that takes 10.6 without).
export const browser_path = () => chosen_browser() || first_existing(['/usr/bin/chromium-headless-shell', ...kWithWindows], 'Chromium');
// The one that people use, for what only its settings can do.
export const whole_browser_path = () => chosen_browser() || first_existing(kWithWindows, 'Chromium');

// WebGL2 on the CPU (SwiftShader); everything else as users have it.
export const kBrowserFlags = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-gpu',
                              '--enable-unsafe-swiftshader'];
