/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading single values from a config file, for unclip-config.c and its kin. Internal.
 *
 * The reader keeps its first error; after it every call returns the default, so that a whole struct is read straight
 * through. A key that is absent gives the default; null gives it too where null is said to be allowed.
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct
{
  /* Owned. */
  char       *path;
  JsonObject *root;
  GError     *error;

  /* Borrowed from @root: the object that is read, which may be a member of it. */
  JsonObject *object;
} UnclipConfigReader;

typedef struct
{
  const char *name;
  int         value;
} UnclipConfigChoice;

/* Opens @folder/@file_name; an error is kept like any other. */
void          unclip_config_reader_init        (UnclipConfigReader       *reader,
                                                const char               *folder,
                                                const char               *file_name);
void          unclip_config_reader_clear       (UnclipConfigReader       *reader);

/* Hands over the error, if any. */
gboolean      unclip_config_reader_finish      (UnclipConfigReader       *reader,
                                                GError                  **error);

void          unclip_config_reader_fail        (UnclipConfigReader       *reader,
                                                const char               *format,
                                                ...) G_GNUC_PRINTF (2, 3);

/* The member, or NULL when it is absent or null. */
JsonNode     *unclip_config_reader_find        (UnclipConfigReader       *reader,
                                                const char               *key);

int           unclip_config_reader_int         (UnclipConfigReader       *reader,
                                                const char               *key,
                                                int                       fallback,
                                                int                       minimum,
                                                int                       maximum);
double        unclip_config_reader_double      (UnclipConfigReader       *reader,
                                                const char               *key,
                                                double                    fallback,
                                                double                    minimum,
                                                double                    maximum);
gboolean      unclip_config_reader_bool        (UnclipConfigReader       *reader,
                                                const char               *key,
                                                gboolean                  fallback);

/* A borrowed string; @fallback may be NULL. */
const char   *unclip_config_reader_string      (UnclipConfigReader       *reader,
                                                const char               *key,
                                                const char               *fallback);

/* A string out of a list that ends with a NULL name; any other is refused with the list in the message. */
int           unclip_config_reader_choice      (UnclipConfigReader       *reader,
                                                const char               *key,
                                                int                       fallback,
                                                const UnclipConfigChoice *choices);

/* One integer for all of @n places, or a list of exactly @n. */
void          unclip_config_reader_ints        (UnclipConfigReader       *reader,
                                                const char               *key,
                                                int                       fallback,
                                                int                       minimum,
                                                int                       maximum,
                                                int                       n,
                                                int                      *out);

/* Refuses the file unless @key is absent, null, or prints as JSON like @neutral (which may be NULL). */
void          unclip_config_reader_refuse      (UnclipConfigReader       *reader,
                                                const char               *key,
                                                const char               *neutral);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UnclipConfigReader, unclip_config_reader_clear)

G_END_DECLS
