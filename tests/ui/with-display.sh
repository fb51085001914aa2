#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs a command with a display, a session bus and folders of its own, and takes them down again.
#
#   with-display.sh COMMAND…
#
# SIZE=1400x1000 is the screen's size. Settings, sessions and run-time files go to a fresh folder, which is $FUGUE_TEST_HOME
# meanwhile; caches stay where they are, since compiled shaders are slow to make.
set -euo pipefail

# The bus starts services by itself, with its own environment: the folders must be set before it.
if [ -z "${FUGUE_TEST_HOME-}" ]; then
  FUGUE_TEST_HOME=$(mktemp -d)
  for folder in config data state run; do
    mkdir -m 700 "$FUGUE_TEST_HOME/$folder"
  done
  export FUGUE_TEST_HOME
  export XDG_CONFIG_HOME=$FUGUE_TEST_HOME/config XDG_DATA_HOME=$FUGUE_TEST_HOME/data
  export XDG_STATE_HOME=$FUGUE_TEST_HOME/state XDG_RUNTIME_DIR=$FUGUE_TEST_HOME/run
  export GDK_BACKEND=x11 GSK_RENDERER=cairo GSETTINGS_BACKEND=${GSETTINGS_BACKEND-memory}
  unset WAYLAND_DISPLAY
  # What the bus and its services print is not the command's output.
  exec 4>&1
  status=0
  dbus-run-session -- "$0" "$@" >&2 || status=$?
  rm -rf "$FUGUE_TEST_HOME"
  exit "$status"
fi

# The server picks a free number by itself and tells it once it listens.
Xvfb -displayfd 3 -screen 0 "${SIZE-1400x1000}x24" -nolisten tcp -noreset \
  3> "$FUGUE_TEST_HOME/display" > "$FUGUE_TEST_HOME/xvfb.log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null || true; wait "$server" 2> /dev/null || true' EXIT
for _ in $(seq 300); do
  [ -s "$FUGUE_TEST_HOME/display" ] && break
  kill -0 "$server" 2> /dev/null || { cat "$FUGUE_TEST_HOME/xvfb.log" >&2; exit 1; }
  sleep 0.1
done
DISPLAY=:$(cat "$FUGUE_TEST_HOME/display")
export DISPLAY
"$@" >&4
