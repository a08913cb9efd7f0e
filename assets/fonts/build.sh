#!/usr/bin/env bash
# Makes the three font files Binnacle draws with: Inter 400 and 600, JetBrains Mono 400, as small TTF subsets without layout
# tables (Dear ImGui reads none), and their licences beside them.
#
#   assets/fonts/build.sh [FOLDER]      default build/fonts; does nothing when FOLDER is up to date
#
# The originals are npm packages pinned in package-lock.json; results are kept in the cache under a key of everything that
# shapes them, so a second checkout copies them.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../cmake/scripts/common.sh"

target="${1:-$BINNACLE_ROOT/build/fonts}"
# Latin with its extensions, Greek, Cyrillic, punctuation, currency, super- and subscripts, letterlike; arrows, mathematics, keys.
text_ranges="U+0020-007E,U+00A0-017F,U+018F,U+0192,U+0218-021B,U+0259,U+02C6-02DD,U+0300-0304,U+0306-030C,U+0327,U+0328"
text_ranges+=",U+0370-03FF,U+0400-045F,U+0490,U+0491,U+1E80-1E85,U+1E9E,U+1EF2,U+1EF3"
text_ranges+=",U+2000-206F,U+2070-209C,U+20A0-20BF,U+2100-214F,U+FFFD"
symbol_ranges="U+2190-21FF,U+2200-22FF,U+2303-2327,U+238B,U+23CE-23FE,U+25A0-25FF,U+2605,U+26A0,U+26A1,U+2713-2717,U+276E-2771"
terminal_ranges="U+2500-259F" # box drawing and blocks

key="$(cat "$here/build.sh" "$here/package-lock.json" | cksum | cut -d ' ' -f 1)"
if [ "$(cat "$target/.stamp" 2>/dev/null)" = "$key" ]; then exit 0; fi

# A Python that has fontTools: the system's, the first on PATH, else a virtual environment of our own.
find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3 "$BINNACLE_CACHE/fonttools/bin/python3"; do
        if "$candidate" -c 'import fontTools.subset' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

make_fonts() {
    local made="$BINNACLE_CACHE/fonts-$key" work python packages
    [ ! -e "$made/.stamp" ] || return 0
    ensure_node
    if ! python="$(find_python)"; then
        if have apt-get && _as_root >/dev/null; then
            apt_install "fontTools" python3-fonttools >&2
        else
            say "Installing fontTools in $BINNACLE_CACHE/fonttools"
            python3 -m venv "$BINNACLE_CACHE/fonttools" && "$BINNACLE_CACHE/fonttools/bin/pip" install --quiet fonttools==4.55.3
        fi
        python="$(find_python)" || die "fontTools is missing" "install fontTools (Debian: python3-fonttools; pip install fonttools)"
    fi
    say "Making fonts"
    work="$(mktemp -d "$BINNACLE_CACHE/fonts.XXXXXX")"
    cp "$here/package.json" "$here/package-lock.json" "$work/"
    npm_ci "$work"
    packages="$work/node_modules/@expo-google-fonts"
    mkdir "$work/out"
    subset_font() {
        "$python" -m fontTools.subset "$1" --output-file="$work/out/$2" --unicodes="$3" --layout-features='' --no-hinting --desubroutinize \
            --drop-tables+=GPOS,GSUB,GDEF,DSIG,STAT,MATH,BASE,kern,meta --name-IDs=0,1,2,3,4,5,6,13,14 --notdef-outline
    }
    subset_font "$packages/inter/400Regular/Inter_400Regular.ttf" inter-400.ttf "$text_ranges,$symbol_ranges"
    subset_font "$packages/inter/600SemiBold/Inter_600SemiBold.ttf" inter-600.ttf "$text_ranges,$symbol_ranges"
    subset_font "$packages/jetbrains-mono/400Regular/JetBrainsMono_400Regular.ttf" mono-400.ttf \
        "$text_ranges,$symbol_ranges,$terminal_ranges"
    cp "$packages/inter/LICENSE_FONT" "$work/out/LICENSE-inter.txt"
    cp "$packages/jetbrains-mono/LICENSE_FONT" "$work/out/LICENSE-jetbrains-mono.txt"
    echo "$key" >"$work/out/.stamp"
    rm -rf "$made"
    mv "$work/out" "$made"
    rm -rf "$work"
}

mkdir -p "$BINNACLE_CACHE"
with_lock fonts make_fonts
mkdir -p "$target"
cp "$BINNACLE_CACHE/fonts-$key"/*.ttf "$BINNACLE_CACHE/fonts-$key"/LICENSE-* "$target/"
touch "$target"/*.ttf # newer than their recipe, for ninja
echo "$key" >"$target/.stamp"
note "fonts: $(cd "$target" && ls -1 -- *.ttf | tr '\n' ' ')in $target"
