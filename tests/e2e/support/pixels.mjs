// What a screenshot shows, decoded by the browser itself in a blank page.
//
//   const eye = await Eye.open(context);
//   (await eye.look(await app.page.screenshot())).colors   // how many different ones
export class Eye {
  static async open(context) {
    const eye = new Eye();
    eye.page = await context.newPage();
    return eye;
  }
  look(png) { return this.page.evaluate(measure, [png.toString('base64')]); }
  // The share of pixels that differ, 0 to 1.
  async difference(a, b) { return (await this.page.evaluate(measure, [a.toString('base64'), b.toString('base64')])).difference; }
}

async function measure([first, second]) {
  const read = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return { width: image.width, height: image.height, data: new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer) };
  };
  const a = await read(first);
  const colors = new Set(a.data).size;
  if (!second) return { width: a.width, height: a.height, colors };
  const b = await read(second);
  if (a.width !== b.width || a.height !== b.height) return { difference: 1 };
  let different = 0;
  for (let i = 0; i < a.data.length; ++i) different += a.data[i] !== b.data[i] ? 1 : 0;
  return { difference: different / a.data.length };
}
