/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Driving the built `fugue` from outside, as a person with a keyboard would, and looking into its session file. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * Drive:
 * @process: the running program
 * @session: path of its session file, once drive_find_session() found it
 */
typedef struct
{
  GSubprocess *process;
  char        *session;
} Drive;

/**
 * drive_start:
 * @arguments: (nullable): files and options, split as a shell does
 *
 * Starts the program and waits until its window is there and has the keyboard.
 */
void   drive_start        (Drive      *drive,
                           const char *arguments);

/**
 * drive_end:
 *
 * Closes the window by Ctrl+Q and waits; the program must end by itself and well.
 */
void   drive_end          (Drive      *drive);

/**
 * drive_kill:
 *
 * kill -9.
 */
void   drive_kill         (Drive      *drive);

/* Waits until there is a session file, and notes it. */
void   drive_find_session (Drive      *drive);

/**
 * drive_keys:
 * @keys: as xdotool says them, such as "ctrl+Return", with a space between
 */
void   drive_keys         (const char *keys);

/* Types a text into what has the keyboard. */
void   drive_type         (const char *text);

/**
 * drive_action:
 * @name: of an action of the window without a parameter, such as that of a button of a banner
 */
void   drive_action       (const char *name);

/**
 * drive_focus:
 * @title: regular expression of a window's title
 *
 * Waits for a window and gives it the keyboard; there is no window manager that would.
 */
void   drive_focus        (const char *title);

/**
 * drive_query:
 * @sql: gives one value
 *
 * Returns: the value as text, "" if there is none; the file is only read
 */
char  *drive_query        (Drive      *drive,
                           const char *sql);

/**
 * drive_wait_for:
 * @sql: gives one value
 * @expected: as text
 * @seconds: at the most
 *
 * Waits until the session file says so; fails, with what it said last, when it does not.
 */
void   drive_wait_for     (Drive      *drive,
                           const char *sql,
                           const char *expected,
                           guint       seconds);

/* Of the source tree. */
char  *drive_sample       (const char *name);

G_END_DECLS
