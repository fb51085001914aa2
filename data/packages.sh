# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by run and test: installs missing Debian packages. Quick when nothing is missing.

BUILD_PACKAGES="build-essential pkg-config meson ninja-build python3 glslc spirv-tools
  libglib2.0-dev libjson-glib-dev libsqlite3-dev libpng-dev liblcms2-dev libcairo2-dev libgdk-pixbuf-2.0-dev libvulkan-dev
  libvkfft-dev glslang-dev libgtk-4-dev gettext appstream desktop-file-utils"

# Software Vulkan, so that there is a device everywhere; the loaders of other picture formats.
RUN_PACKAGES="mesa-vulkan-drivers webp-pixbuf-loader"

# A display, a bus and keys for the tests of the window.
TEST_PACKAGES="vulkan-validationlayers libxml2-utils xvfb xauth xdotool dbus at-spi2-core imagemagick sqlite3"

say () { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

# install_packages PACKAGE…
install_packages () {
  local missing=() package sudo=""

  if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
    say "this is not a Debian system; please install what corresponds to these packages:" "$@"
    return 0
  fi
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null; then
      say "these packages are missing, and there is no sudo to install them with. As root, run:"
      say "  apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    sudo=sudo
  fi
  say "installing ${missing[*]}"
  if ! { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y -q --no-install-recommends "${missing[@]}"; } >&2; then
    say "the packages could not be installed; see the messages above, then try again"
    return 1
  fi
}

# build FOLDER MESON-OPTION…: sets the folder up on the first call, then compiles what has changed.
build () {
  local folder=$1 log
  shift
  log=$(mktemp)
  if ! { { [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@"; } && ninja -C "$folder"; } > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    say "the build failed; see above"
    return 1
  fi
  rm -f "$log"
}
