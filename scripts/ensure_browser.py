"""Make sure that the browser tests find a Chromium; print where it is.

Order: ``MIXWRIGHT_CHROMIUM``, one on PATH, one that Playwright has, the system's packages (Debian and Ubuntu, as
root or with passwordless sudo), Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
"""Of a Chromium without a window."""

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_browser() -> str | None:
    """Path of a Chromium, or None."""
    given = os.environ.get("MIXWRIGHT_CHROMIUM")
    if given:
        return given
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def install_from_system() -> None:
    """Try to install Debian's Chromium without a desktop, which needs 40 % less of the processor, or the whole one."""
    if not shutil.which("apt-get"):
        return
    prefix = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if prefix and not shutil.which("sudo"):
        return
    subprocess.run([*prefix, "apt-get", "update", "-q"], check=False)
    for package in ("chromium-headless-shell", "chromium"):
        if subprocess.run([*prefix, "apt-get", "install", "-y", "-q", package], check=False).returncode == 0:
            return


def main() -> None:
    """Find a Chromium, or install one.

    Raises:
        SystemExit: none could be had.
    """
    for attempt in (None, install_from_system, install_from_playwright):
        if attempt:
            attempt()
        path = find_browser()
        if path:
            print(f"browser: {path}")
            return
    sys.exit(
        "No Chromium found, and none could be installed: "
        "install Chromium or Chrome, or set MIXWRIGHT_CHROMIUM to its path."
    )


def install_from_playwright() -> None:
    """Try Playwright's own download."""
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    main()
