# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches the pinned packages with npm and unpacks them under WORK/packages.

An archive that is already there is only checked. A wrong SHA-256 is an error: a pinned version of the
npm registry never changes.
"""

import hashlib
import subprocess
import tarfile

from sources import SOURCES, work_parser


def fetch(source, folder):
    """Downloads and unpacks one source; returns its unpacked folder."""
    archive = folder / (source.folder + ".tgz")
    unpacked = folder / source.folder
    if not archive.exists():
        subprocess.run(["npm", "pack", "--silent", f"{source.package}@{source.version}"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != source.sha256:
        raise SystemExit(f"{archive}: SHA-256 is {found}, expected {source.sha256}")
    if not unpacked.exists():
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                if member.isfile() and member.name.startswith("package/") and ".." not in member.name:
                    target = unpacked / member.name[len("package/"):]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(tar.extractfile(member).read())
    return unpacked


def main():
    args = work_parser(__doc__).parse_args()
    folder = args.work / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        print(source.key, fetch(source, folder))


if __name__ == "__main__":
    main()
