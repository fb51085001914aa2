#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes pictures of the window in the states that people meet, from the real program with Mini, to be looked at.
#
#   tests/ui/screenshots.sh [-o FOLDER] [-p PROGRAM] [NAME…]     all of them, or those named, in shots/
#
# LOOK=dark, LOOK=large (text of double size) or LOOK=rtl (from right to left) changes how all of them look. Needs a build in build/
# (or -p), xdotool, sqlite3 and ImageMagick.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
out=shots program=$here/build/ui/fugue
all="first-start gallery diff mix sheet invert error folder queue models keyboard"

while getopts o:p: option; do
  case $option in
    o) out=$OPTARG ;;
    p) program=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

if [ -z "${SHOT-}" ]; then
  mkdir -p "$out"
  out=$(cd "$out" && pwd)
  for shot in ${*:-$all}; do
    echo "$shot"
    # Each in a world of its own: settings, sessions, display.
    SHOT=$shot SIZE=${SIZE-1280x800} GSETTINGS_BACKEND=keyfile "$here/tests/ui/with-display.sh" "$0" -o "$out" -p "$program" \
      > "$out/$shot.log" 2>&1 || { cat "$out/$shot.log" >&2; exit 1; }
  done
  exit 0
fi

# From here on inside a display.
suffix=${LOOK:+-$LOOK} scheme=light
case ${LOOK-} in
  dark) scheme=dark ;;
  large)
    mkdir -p "$XDG_CONFIG_HOME/gtk-4.0"
    printf '[Settings]\ngtk-font-name=Sans 20\n' > "$XDG_CONFIG_HOME/gtk-4.0/settings.ini"
    ;;
  rtl)
    # The toolkit takes the direction from its own translation, and that only in programs that are translated too.
    mkdir -p "$FUGUE_TEST_HOME/po/he/LC_MESSAGES"
    printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n' \
      | msgfmt -o "$FUGUE_TEST_HOME/po/he/LC_MESSAGES/fugue.mo" -
    export LC_ALL=C.UTF-8 LANGUAGE=he FUGUE_LOCALE_PATH=$FUGUE_TEST_HOME/po
    ;;
esac

# settings KEY VALUE…: written where the keyfile backend of GSettings looks
settings () {
  mkdir -p "$XDG_CONFIG_HOME/glib-2.0/settings"
  {
    [ -s "$XDG_CONFIG_HOME/glib-2.0/settings/keyfile" ] || echo "[io/github/fugue/Fugue]"
    while [ $# -ge 2 ]; do echo "$1=$2"; shift 2; done
  } >> "$XDG_CONFIG_HOME/glib-2.0/settings/keyfile"
}
settings colour-scheme "'$scheme'"
[ "$SHOT" = first-start ] || settings welcome false

start () {
  "$program" "$@" &
  fugue=$!
  xdotool search --sync --onlyvisible --name . windowfocus > /dev/null
}

keys () { local key; for key in "$@"; do xdotool key --clearmodifiers "$key"; sleep 0.3; done; }

# Without the border that stands in for the shadow where nothing composites
shot () { import -window root png:- | convert - -shave 4x4 "$out/$SHOT$suffix.png"; }

# The banner about software Vulkan says what is true of every such shot
dismiss_banner () {
  case ${LOOK-} in
    rtl) xdotool mousemove 55 73 click 1 ;;
    large) xdotool mousemove 1195 92 click 1 ;;
    *) xdotool mousemove 1220 73 click 1 ;;
  esac
  xdotool sleep 1 mousemove 640 26
}

finish () { kill "$fugue"; wait "$fugue" || true; }

# until_finished N: until N pictures are finished and stored, for two minutes at the most
until_finished () {
  local turn
  for turn in $(seq 240); do
    [ "$(sqlite3 "$XDG_DATA_HOME"/fugue/sessions/*.fugue \
           "select count(*) from pictures where state = 2" 2> /dev/null || echo 0)" -ge "$1" ] && return 0
    sleep 0.5
  done
  echo "only some of $1 pictures were finished after two minutes" >&2
}

samples=$here/data/samples

case $SHOT in
  first-start)
    start
    sleep 5
    dismiss_banner
    sleep 1
    ;;
  gallery)
    # Two engines, so that two batches are on their way, one further than the other.
    settings launchers "['', '']"
    start --vary "$samples/star.png"
    sleep 7
    dismiss_banner
    keys ctrl+Return
    sleep 14
    ;;
  diff)
    start "$samples/apple.png"
    sleep 6
    # Diff with this: the first caption has the keyboard.
    keys d
    xdotool type "a red apple"
    keys Tab
    xdotool type "a green pear"
    # From the controls back over the gallery to the stage, and on to the button of the strip
    keys shift+F6 shift+F6 Tab Return
    sleep 15
    keys Tab Right Right
    dismiss_banner
    ;;
  mix)
    start "$samples/apple.png" "$samples/fish.png" "$samples/star.png"
    sleep 6
    keys alt+3
    dismiss_banner
    xdotool mousemove 400 250 click 1
    keys shift+Up equal l Left Up
    sleep 10
    ;;
  sheet)
    start "$samples/apple.png" "$samples/fish.png" "$samples/star.png"
    sleep 6
    keys alt+3
    dismiss_banner
    xdotool mousemove 400 250 click 1
    keys equal ctrl+g
    sleep 40
    ;;
  invert)
    settings mode "'invert'"
    start "$samples/apple.png"
    sleep 6
    keys ctrl+Return
    until_finished 1
    sleep 2
    ;;
  models|keyboard)
    start
    sleep 5
    gdbus call --session --dest io.github.fugue.Fugue --object-path /io/github/fugue/Fugue \
      --method org.gtk.Actions.Activate preferences-page "[<'$SHOT'>]" "{}"
    xdotool search --sync --onlyvisible --name Preferences windowfocus > /dev/null
    sleep 2
    ;;
  queue)
    start "$samples/star.png"
    sleep 6
    keys p ctrl+Return ctrl+Return ctrl+Return F7
    sleep 1
    ;;
  folder)
    # With a step measured, so that there is a time to say
    start --vary "$samples/star.png"
    until_finished 8
    gdbus call --session --dest io.github.fugue.Fugue --object-path /io/github/fugue/Fugue \
      --method org.gtk.Application.Open "['file://$samples']" "" "{}"
    xdotool search --sync --onlyvisible --name "Vary a Folder" windowfocus > /dev/null
    sleep 1
    ;;
  error)
    settings launchers "['no-such-command serve']"
    start "$samples/star.png"
    sleep 4
    ;;
esac
shot
finish
