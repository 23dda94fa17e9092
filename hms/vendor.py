"""Fetch the browser libraries into static/vendor, and fonts into hms/fonts: `python -m hms.vendor`.

Needs npm; running HMS does not.

Each library keeps its licence; manifest.json keeps its version and the SHA-256 of every file, and a test compares.
To use a new icon, add its name (https://icons.getbootstrap.com) to icons.txt and run this again.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import django_htmx

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
BOOTSTRAP = "5.3.9"
BOOTSTRAP_ICONS = "1.13.2"
CHART_JS = "4.6.1"
HTMX_IN_DJANGO_HTMX = "static/django_htmx/htmx-2.min.js"
HTMX_LICENCE = """htmx is published under the Zero-Clause BSD licence.

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
"""
ICONS = Path(__file__).with_name("icons.txt")
FONTS = Path(__file__).with_name("fonts")
FONT_PACKAGES = {  # Noto, for documents in these scripts: Latin, Greek, Cyrillic and Devanagari; Arabic; Hebrew
    "@expo-google-fonts/noto-sans": ("0.4.2", "NotoSans"),
    "@expo-google-fonts/noto-sans-arabic": ("0.4.3", "NotoSansArabic"),
    "@expo-google-fonts/noto-sans-hebrew": ("0.4.1", "NotoSansHebrew"),
}
WEIGHTS = ("400Regular", "700Bold")


def packed(name, version, folder):
    """The published files of one library, unpacked below `folder`."""
    command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"]
    archive = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(Path(folder) / archive) as files:
        files.extractall(Path(folder) / name, filter="data")
    return Path(folder) / name / "package"


def without_source_map(text):
    """The text without its sourceMappingURL: the map is not vendored, and hashed file names stumble over it."""
    text = re.sub(r"\n?/\*# sourceMappingURL=.*?\*/", "", text)
    return re.sub(r"\n?//# sourceMappingURL=.*", "", text).rstrip() + "\n"


def sprite(folder, names):
    """One SVG with a symbol per icon, for <use href="icons.svg#name">."""
    symbols = []
    for name in sorted(set(names)):
        text = (folder / f"{name}.svg").read_text()
        shapes = " ".join(text[text.index(">") + 1 : text.rindex("</svg>")].split())
        symbols.append(f'<symbol id={quoteattr(name)} viewBox="0 0 16 16" fill="currentColor">{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def htmx():
    """htmx as django-htmx carries it: (text, version)."""
    text = (Path(django_htmx.__file__).parent / HTMX_IN_DJANGO_HTMX).read_text()
    return without_source_map(text), re.search(r'version:"([0-9.]+)"', text)[1]


def fetch(folder):
    """Everything that belongs into static/vendor: {library: (version, {file: text})}."""
    bootstrap = packed("bootstrap", BOOTSTRAP, folder)
    icons = packed("bootstrap-icons", BOOTSTRAP_ICONS, folder)
    charts = packed("chart.js", CHART_JS, folder)
    htmx_text, htmx_version = htmx()
    return {
        "bootstrap": (
            BOOTSTRAP,
            {
                "bootstrap.min.css": without_source_map((bootstrap / "dist/css/bootstrap.min.css").read_text()),
                "LICENSE": (bootstrap / "LICENSE").read_text(),
            },
        ),
        "bootstrap-icons": (
            BOOTSTRAP_ICONS,
            {
                "icons.svg": sprite(icons / "icons", ICONS.read_text().split()),
                "LICENSE": (icons / "LICENSE").read_text(),
            },
        ),
        "chart.js": (
            CHART_JS,
            {
                "chart.umd.min.js": without_source_map((charts / "dist/chart.umd.min.js").read_text()),
                "LICENSE": (charts / "LICENSE.md").read_text(),
            },
        ),
        "htmx": (htmx_version, {"htmx.min.js": htmx_text, "LICENSE": HTMX_LICENCE}),
    }


def fetch_fonts(folder):
    """Put the fonts into their folder, with their common licence and a manifest of versions and checksums."""
    FONTS.mkdir(exist_ok=True)
    manifest, owners = {}, []
    for package, (version, family) in FONT_PACKAGES.items():
        home = packed(package, version, folder)
        names = [f"{family}_{weight}.ttf" for weight in WEIGHTS]
        for weight, name in zip(WEIGHTS, names, strict=True):
            shutil.copyfile(home / weight / name, FONTS / name)
        owner, _line, licence = (home / "LICENSE_FONT").read_text().partition("\n")
        owners.append(owner)
        sums = {name: hashlib.sha256((FONTS / name).read_bytes()).hexdigest() for name in names}
        manifest[package] = {"version": version, "sha256": sums}
        sys.stdout.write(f"{package} {version}: {', '.join(names)}\n")
    (FONTS / "LICENSE").write_text("\n".join(owners) + "\n" + licence)
    (FONTS / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        libraries = fetch(folder)
        fetch_fonts(folder)
    manifest = {}
    for library, (version, files) in libraries.items():
        home = VENDOR / library
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for name, text in files.items():
            (home / name).write_text(text)
        sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        manifest[library] = {"version": version, "sha256": sums}
        sys.stdout.write(f"{library} {version}: {', '.join(files)}\n")
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
