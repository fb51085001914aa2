/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A strict reader for JSON that somebody else wrote, and a writer whose numbers people can read.
 *
 * Model folders are untrusted, and json-glib's parser takes a repeated key for the last one and recurses as deep as a
 * file tells it to. This reader refuses both, keeps members in the order of the file, and reads a header of a hundred
 * megabytes without building a tree of it. unclip_json_parse() makes json-glib's nodes where a tree is handier.
 *
 * Errors are sticky: after the first one every call does nothing and returns an empty value, so a caller reads a whole
 * structure straight through and asks unclip_json_reader_finish() once.
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * UNCLIP_JSON_MAX_DEPTH:
 *
 * Objects and arrays may nest this deep; no file of a model comes near it.
 */
#define UNCLIP_JSON_MAX_DEPTH 32

/**
 * UnclipJsonType:
 * @UNCLIP_JSON_END: the end of the text
 * @UNCLIP_JSON_OBJECT: an object
 * @UNCLIP_JSON_ARRAY: an array
 * @UNCLIP_JSON_STRING: a string
 * @UNCLIP_JSON_NUMBER: a number
 * @UNCLIP_JSON_BOOLEAN: true or false
 * @UNCLIP_JSON_NULL: null
 * @UNCLIP_JSON_INVALID: something that starts no JSON value, or the reader has failed
 *
 * What stands next in the text.
 */
typedef enum
{
  UNCLIP_JSON_END,
  UNCLIP_JSON_OBJECT,
  UNCLIP_JSON_ARRAY,
  UNCLIP_JSON_STRING,
  UNCLIP_JSON_NUMBER,
  UNCLIP_JSON_BOOLEAN,
  UNCLIP_JSON_NULL,
  UNCLIP_JSON_INVALID,
} UnclipJsonType;

typedef struct
{
  /* Constant after init, borrowed from the caller. */
  const char *text;
  gsize       length;

  /* Where we are. */
  gsize       at;
  guint       depth;
  char        closers[UNCLIP_JSON_MAX_DEPTH];   /* '}' or ']' of each open container */
  gboolean    fresh[UNCLIP_JSON_MAX_DEPTH];     /* nothing read from it yet, so no comma */

  /* Owned. */
  GString    *key;
  GString    *string;
  GError     *error;
} UnclipJsonReader;

/**
 * unclip_json_reader_init:
 * @reader: (out caller-allocates): cleared by unclip_json_reader_clear()
 * @text: (transfer none): must outlive @reader; need not end with a NUL
 * @length: bytes in @text
 *
 * Starts to read one JSON document (RFC 8259, UTF-8 without a byte order mark).
 *
 * Thread: any, one reader at a time.
 */
void           unclip_json_reader_init         (UnclipJsonReader  *reader,
                                                const char        *text,
                                                gsize              length);

void           unclip_json_reader_clear        (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_peek:
 *
 * Returns: the type of the value that stands next
 */
UnclipJsonType unclip_json_reader_peek         (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_enter:
 * @type: %UNCLIP_JSON_OBJECT or %UNCLIP_JSON_ARRAY
 *
 * Steps into a container, whose members then come by unclip_json_reader_next_member() or
 * unclip_json_reader_next_item().
 *
 * Returns: %FALSE if something else stands there; the reader has failed then
 */
gboolean       unclip_json_reader_enter        (UnclipJsonReader  *reader,
                                                UnclipJsonType     type);

/**
 * unclip_json_reader_next_member:
 *
 * Reads the next key of the object that was entered last; its value must be read or skipped before the next call. At
 * the end of the object it steps out. Does not look for repeated keys, which takes a table: the caller has one.
 *
 * Returns: (transfer none) (nullable): the key, good until the next call of this function; %NULL at the object's end
 *   or after an error
 */
const char    *unclip_json_reader_next_member  (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_next_item:
 *
 * Moves to the next value of the array that was entered last, or steps out at its end.
 *
 * Returns: whether there is one
 */
gboolean       unclip_json_reader_next_item    (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_read_string:
 *
 * Reads a string. U+0000 and halves of surrogate pairs are refused.
 *
 * Returns: (transfer none): the string, good until the next string is read; "" after an error
 */
const char    *unclip_json_reader_read_string  (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_read_int:
 *
 * Reads a whole number within gint64, written without point or exponent.
 *
 * Returns: the number, 0 after an error
 */
gint64         unclip_json_reader_read_int     (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_skip:
 *
 * Reads a value of any type, checks its syntax and forgets it.
 */
void           unclip_json_reader_skip         (UnclipJsonReader  *reader);

/**
 * unclip_json_reader_fail:
 *
 * Sets the reader's error, %UNCLIP_ERROR_MODEL_FORMAT, unless it has one.
 */
void           unclip_json_reader_fail         (UnclipJsonReader  *reader,
                                                const char        *format,
                                                ...) G_GNUC_PRINTF (2, 3);

/**
 * unclip_json_reader_finish:
 *
 * Checks that the document has ended and that nothing went wrong on the way.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT with the line where the trouble was, if there are several.
 *
 * Returns: %FALSE with @error set
 */
gboolean       unclip_json_reader_finish       (UnclipJsonReader  *reader,
                                                GError           **error);

/**
 * unclip_json_parse:
 * @text: JSON
 * @length: bytes in @text
 *
 * Parses a document as strictly as the reader does, and refuses repeated keys.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Thread: any.
 *
 * Returns: (transfer full): the root
 */
JsonNode      *unclip_json_parse               (const char        *text,
                                                gsize              length,
                                                GError           **error);

/**
 * unclip_json_load_object:
 * @path: a file of at most 64 MiB
 *
 * Reads a file whose root is an object.
 *
 * Errors: G_FILE_ERROR when it can't be read, %UNCLIP_ERROR_MODEL_FORMAT naming the file.
 *
 * Thread: any; reads a file.
 *
 * Returns: (transfer full): the object
 */
JsonObject    *unclip_json_load_object         (const char        *path,
                                                GError           **error);

/**
 * unclip_json_load_text:
 * @path: a regular file of at most 64 MiB
 * @length: (out): bytes
 *
 * Reads a whole text file of a model; refuses folders, pipes and files too large to be one.
 *
 * Errors: G_FILE_ERROR when it can't be read, %UNCLIP_ERROR_MODEL_FORMAT.
 *
 * Thread: any; reads a file.
 *
 * Returns: (transfer full): its bytes, with a NUL behind them
 */
char          *unclip_json_load_text           (const char        *path,
                                                gsize             *length,
                                                GError           **error);

/**
 * unclip_json_append_number:
 * @value: finite
 *
 * Appends the fewest digits that read back as the same double; whole numbers without a point. A zero's sign does not survive
 * every JSON reader, so it is dropped.
 */
void           unclip_json_append_number       (GString           *json,
                                                double             value);

/**
 * unclip_json_to_string:
 *
 * As json_to_string(), but with doubles in the fewest digits that read back as the same: 0.1, not 0.10000000000000001. They
 * keep a point or an exponent, by which readers tell them from integers.
 *
 * Returns: (transfer full)
 */
char          *unclip_json_to_string           (JsonNode          *node,
                                                gboolean           pretty);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UnclipJsonReader, unclip_json_reader_clear)

G_END_DECLS
