/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pull reader for strict JSON, and json-glib nodes made with it.
 *
 * The text is checked to be UTF-8 once at the start, so the scanner may copy runs of bytes. Depth is bounded by the
 * reader's two small arrays; the only recursion, in building nodes, is bounded by them too.
 */

#include "config.h"

#include "unclip-json.h"

#include "unclip-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TEXT_BYTES (64 * 1024 * 1024)

/* More digits than a double can use; it keeps a number in a buffer on the stack. */
#define MAX_NUMBER_LENGTH 64

void
unclip_json_reader_init (UnclipJsonReader *reader, const char *text, gsize length)
{
  *reader = (UnclipJsonReader) {
    .text = text,
    .length = length,
    .key = g_string_new (NULL),
    .string = g_string_new (NULL),
  };
  if (length > 0 && !g_utf8_validate_len (text, length, NULL))
    unclip_json_reader_fail (reader, "it is not UTF-8 text");
}

void
unclip_json_reader_clear (UnclipJsonReader *reader)
{
  if (reader->key)
    g_string_free (g_steal_pointer (&reader->key), TRUE);
  if (reader->string)
    g_string_free (g_steal_pointer (&reader->string), TRUE);
  g_clear_error (&reader->error);
}

/* " (line 3)", or nothing for a text of one line. */
static char *
describe_place (const UnclipJsonReader *reader)
{
  guint line = 1;

  if (!reader->text || !memchr (reader->text, '\n', reader->length))
    return g_strdup ("");
  for (gsize i = 0; i < reader->at && i < reader->length; i++)
    line += reader->text[i] == '\n';
  return g_strdup_printf (" (line %u)", line);
}

void
unclip_json_reader_fail (UnclipJsonReader *reader, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *place = NULL;
  va_list          args;

  if (reader->error)
    return;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  place = describe_place (reader);
  g_set_error (&reader->error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "%s%s", message, place);
}

static void
skip_space (UnclipJsonReader *reader)
{
  while (reader->at < reader->length && strchr (" \t\r\n", reader->text[reader->at]) && reader->text[reader->at] != '\0')
    reader->at++;
}

UnclipJsonType
unclip_json_reader_peek (UnclipJsonReader *reader)
{
  if (reader->error)
    return UNCLIP_JSON_INVALID;
  skip_space (reader);
  if (reader->at >= reader->length)
    return UNCLIP_JSON_END;

  switch (reader->text[reader->at])
    {
    case '{':
      return UNCLIP_JSON_OBJECT;
    case '[':
      return UNCLIP_JSON_ARRAY;
    case '"':
      return UNCLIP_JSON_STRING;
    case 't':
    case 'f':
      return UNCLIP_JSON_BOOLEAN;
    case 'n':
      return UNCLIP_JSON_NULL;
    default:
      if (g_ascii_isdigit (reader->text[reader->at]) || reader->text[reader->at] == '-')
        return UNCLIP_JSON_NUMBER;
      return UNCLIP_JSON_INVALID;
    }
}

static gboolean
expect (UnclipJsonReader *reader, UnclipJsonType type)
{
  static const char *const names[] = {
    "the end", "an object", "an array", "a string", "a number", "true or false", "null", "no JSON value",
  };
  UnclipJsonType found = unclip_json_reader_peek (reader);

  if (found != type)
    unclip_json_reader_fail (reader, "%s stands where %s belongs", names[found], names[type]);
  return reader->error == NULL;
}

gboolean
unclip_json_reader_enter (UnclipJsonReader *reader, UnclipJsonType type)
{
  g_return_val_if_fail (type == UNCLIP_JSON_OBJECT || type == UNCLIP_JSON_ARRAY, FALSE);

  if (!expect (reader, type))
    return FALSE;
  if (reader->depth == UNCLIP_JSON_MAX_DEPTH)
    {
      unclip_json_reader_fail (reader, "it nests more than %d deep", UNCLIP_JSON_MAX_DEPTH);
      return FALSE;
    }
  reader->closers[reader->depth] = type == UNCLIP_JSON_OBJECT ? '}' : ']';
  reader->fresh[reader->depth] = TRUE;
  reader->depth++;
  reader->at++;
  return TRUE;
}

gboolean
unclip_json_reader_next_item (UnclipJsonReader *reader)
{
  gboolean *fresh;

  if (reader->error)
    return FALSE;
  g_return_val_if_fail (reader->depth > 0, FALSE);

  fresh = &reader->fresh[reader->depth - 1];
  skip_space (reader);
  if (reader->at < reader->length && reader->text[reader->at] == reader->closers[reader->depth - 1])
    {
      reader->at++;
      reader->depth--;
      return FALSE;
    }
  if (!*fresh)
    {
      if (reader->at >= reader->length || reader->text[reader->at] != ',')
        {
          unclip_json_reader_fail (reader, reader->at >= reader->length ? "it ends in the middle" : "a comma is missing");
          return FALSE;
        }
      reader->at++;
    }
  *fresh = FALSE;
  return TRUE;
}

/* Four hexadecimal digits at @at, or -1. */
static int
parse_hex4 (const UnclipJsonReader *reader, gsize at)
{
  int value = 0;

  if (at + 4 > reader->length)
    return -1;
  for (gsize i = at; i < at + 4; i++)
    {
      int digit = g_ascii_xdigit_value (reader->text[i]);

      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

/* The character after "\u"; surrogates must come as a pair. 0 after an error. */
static gunichar
scan_unicode_escape (UnclipJsonReader *reader)
{
  int high = parse_hex4 (reader, reader->at);
  int low;

  reader->at += 4;
  if (high > 0 && (high < 0xd800 || high > 0xdfff))
    return high;
  if (high >= 0xd800 && high < 0xdc00 && reader->at + 6 <= reader->length
      && reader->text[reader->at] == '\\' && reader->text[reader->at + 1] == 'u')
    {
      low = parse_hex4 (reader, reader->at + 2);
      reader->at += 6;
      if (low >= 0xdc00 && low <= 0xdfff)
        return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
  unclip_json_reader_fail (reader, "a string holds an impossible \\u escape");
  return 0;
}

static void
scan_escape (UnclipJsonReader *reader, GString *out)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  char              letter = reader->at < reader->length ? reader->text[reader->at] : '\0';
  const char       *found = letter ? strchr (letters, letter) : NULL;

  reader->at++;
  if (found)
    {
      g_string_append_c (out, values[found - letters]);
    }
  else if (letter == 'u')
    {
      gunichar c = scan_unicode_escape (reader);

      if (c != 0)
        g_string_append_unichar (out, c);
    }
  else
    {
      unclip_json_reader_fail (reader, "a string holds an unknown escape");
    }
}

static void
scan_string (UnclipJsonReader *reader, GString *out)
{
  g_string_truncate (out, 0);
  reader->at++;
  while (!reader->error)
    {
      gsize start = reader->at;

      while (reader->at < reader->length && reader->text[reader->at] != '"' && reader->text[reader->at] != '\\'
             && (guchar) reader->text[reader->at] >= 0x20)
        reader->at++;
      g_string_append_len (out, reader->text + start, reader->at - start);

      if (reader->at >= reader->length)
        {
          unclip_json_reader_fail (reader, "it ends inside a string");
          return;
        }
      switch (reader->text[reader->at++])
        {
        case '"':
          return;
        case '\\':
          scan_escape (reader, out);
          break;
        default:
          unclip_json_reader_fail (reader, "a string holds a control character");
        }
    }
}

const char *
unclip_json_reader_next_member (UnclipJsonReader *reader)
{
  if (!unclip_json_reader_next_item (reader) || !expect (reader, UNCLIP_JSON_STRING))
    return NULL;
  scan_string (reader, reader->key);
  skip_space (reader);
  if (reader->at >= reader->length || reader->text[reader->at] != ':')
    unclip_json_reader_fail (reader, "a colon is missing after a key");
  reader->at++;
  return reader->error ? NULL : reader->key->str;
}

const char *
unclip_json_reader_read_string (UnclipJsonReader *reader)
{
  if (expect (reader, UNCLIP_JSON_STRING))
    scan_string (reader, reader->string);
  if (reader->error)
    g_string_truncate (reader->string, 0);
  return reader->string->str;
}

/* Copies a number of JSON's own grammar into @buffer: no leading zero, plus, hexadecimal or NaN. */
static gboolean
scan_number (UnclipJsonReader *reader, char buffer[MAX_NUMBER_LENGTH], gboolean *is_int)
{
  gsize       n = 0;
  const char *p = buffer;
  gboolean    valid;

  if (!expect (reader, UNCLIP_JSON_NUMBER))
    return FALSE;
  while (reader->at < reader->length && n < MAX_NUMBER_LENGTH - 1
         && (g_ascii_isdigit (reader->text[reader->at])
             || (reader->text[reader->at] != '\0' && strchr ("+-.eE", reader->text[reader->at]))))
    buffer[n++] = reader->text[reader->at++];
  buffer[n] = '\0';

  *is_int = TRUE;
  p += *p == '-';
  if (*p == '0')
    p++;
  else
    for (; g_ascii_isdigit (*p); p++)
      ;
  valid = p > buffer && g_ascii_isdigit (p[-1]);
  if (valid && *p == '.')
    {
      *is_int = FALSE;
      for (p++; g_ascii_isdigit (*p); p++)
        ;
      valid = g_ascii_isdigit (p[-1]);
    }
  if (valid && (*p == 'e' || *p == 'E'))
    {
      *is_int = FALSE;
      p++;
      p += *p == '-' || *p == '+';
      for (; g_ascii_isdigit (*p); p++)
        ;
      valid = g_ascii_isdigit (p[-1]);
    }
  if (!valid || *p != '\0' || n == MAX_NUMBER_LENGTH - 1)
    unclip_json_reader_fail (reader, "“%s” is not a number", buffer);
  return reader->error == NULL;
}

gint64
unclip_json_reader_read_int (UnclipJsonReader *reader)
{
  char     buffer[MAX_NUMBER_LENGTH];
  gboolean is_int;
  gint64   value = 0;

  if (!scan_number (reader, buffer, &is_int))
    return 0;
  errno = 0;
  value = g_ascii_strtoll (buffer, NULL, 10);
  if (!is_int || errno != 0)
    {
      unclip_json_reader_fail (reader, "“%s” is not a whole number in range", buffer);
      return 0;
    }
  return value;
}

/* true, false or null; the caller has seen its first letter. Returns that letter, or 0 after an error. */
static char
scan_word (UnclipJsonReader *reader)
{
  char        first = reader->text[reader->at];
  const char *word = first == 't' ? "true" : first == 'f' ? "false" : "null";
  gsize       n = strlen (word);

  if (reader->length - reader->at < n || memcmp (reader->text + reader->at, word, n) != 0)
    {
      unclip_json_reader_fail (reader, "no JSON value stands where one belongs");
      return 0;
    }
  reader->at += n;
  return first;
}

static JsonNode *
scan_word_node (UnclipJsonReader *reader)
{
  char first = scan_word (reader);

  if (first == 0)
    return NULL;
  if (first == 'n')
    return json_node_init_null (json_node_alloc ());
  return json_node_init_boolean (json_node_alloc (), first == 't');
}

static JsonNode *
scan_number_node (UnclipJsonReader *reader)
{
  char     buffer[MAX_NUMBER_LENGTH];
  gboolean is_int;
  double   real;

  if (!scan_number (reader, buffer, &is_int))
    return NULL;
  if (is_int)
    {
      gint64 value;

      errno = 0;
      value = g_ascii_strtoll (buffer, NULL, 10);
      if (errno == 0)
        return json_node_init_int (json_node_alloc (), value);
    }
  errno = 0;
  real = g_ascii_strtod (buffer, NULL);
  if (errno == ERANGE && (real > 1 || real < -1))
    {
      unclip_json_reader_fail (reader, "“%s” is out of range", buffer);
      return NULL;
    }
  return json_node_init_double (json_node_alloc (), real);
}

static JsonNode *scan_node (UnclipJsonReader *reader);

static JsonNode *
scan_object_node (UnclipJsonReader *reader)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const char *key;

  if (!unclip_json_reader_enter (reader, UNCLIP_JSON_OBJECT))
    return NULL;
  while ((key = unclip_json_reader_next_member (reader)))
    {
      g_autofree char *name = g_strdup (key);
      JsonNode        *value;

      if (json_object_has_member (object, name))
        unclip_json_reader_fail (reader, "the key “%s” stands twice", name);
      value = scan_node (reader);
      if (value)
        json_object_set_member (object, name, value);
    }
  return reader->error ? NULL : json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
scan_array_node (UnclipJsonReader *reader)
{
  g_autoptr (JsonArray) array = json_array_new ();

  if (!unclip_json_reader_enter (reader, UNCLIP_JSON_ARRAY))
    return NULL;
  while (unclip_json_reader_next_item (reader))
    {
      JsonNode *value = scan_node (reader);

      if (value)
        json_array_add_element (array, value);
    }
  return reader->error ? NULL : json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
scan_node (UnclipJsonReader *reader)
{
  switch (unclip_json_reader_peek (reader))
    {
    case UNCLIP_JSON_OBJECT:
      return scan_object_node (reader);
    case UNCLIP_JSON_ARRAY:
      return scan_array_node (reader);
    case UNCLIP_JSON_STRING:
      scan_string (reader, reader->string);
      return reader->error ? NULL : json_node_init_string (json_node_alloc (), reader->string->str);
    case UNCLIP_JSON_NUMBER:
      return scan_number_node (reader);
    case UNCLIP_JSON_BOOLEAN:
    case UNCLIP_JSON_NULL:
      return scan_word_node (reader);
    case UNCLIP_JSON_END:
      unclip_json_reader_fail (reader, "it ends in the middle");
      return NULL;
    case UNCLIP_JSON_INVALID:
    default:
      unclip_json_reader_fail (reader, "no JSON value stands where one belongs");
      return NULL;
    }
}

/* One value, and as many as it contains; no tree, and nothing that grows with the text. */
void
unclip_json_reader_skip (UnclipJsonReader *reader)
{
  guint outside = reader->depth;
  char  buffer[MAX_NUMBER_LENGTH];

  do
    {
      gboolean is_int;

      switch (unclip_json_reader_peek (reader))
        {
        case UNCLIP_JSON_OBJECT:
        case UNCLIP_JSON_ARRAY:
          unclip_json_reader_enter (reader, unclip_json_reader_peek (reader));
          break;
        case UNCLIP_JSON_STRING:
          scan_string (reader, reader->string);
          break;
        case UNCLIP_JSON_NUMBER:
          scan_number (reader, buffer, &is_int);
          break;
        case UNCLIP_JSON_BOOLEAN:
        case UNCLIP_JSON_NULL:
          scan_word (reader);
          break;
        case UNCLIP_JSON_END:
        case UNCLIP_JSON_INVALID:
        default:
          unclip_json_reader_fail (reader, "no JSON value stands where one belongs");
        }
      while (!reader->error && reader->depth > outside)
        {
          if (reader->closers[reader->depth - 1] == '}' ? unclip_json_reader_next_member (reader) != NULL
                                                        : unclip_json_reader_next_item (reader))
            break;
        }
    }
  while (!reader->error && reader->depth > outside);
}

gboolean
unclip_json_reader_finish (UnclipJsonReader *reader, GError **error)
{
  UnclipJsonType rest = unclip_json_reader_peek (reader);

  if (!reader->error && rest != UNCLIP_JSON_END)
    unclip_json_reader_fail (reader, "something stands behind the end");
  if (reader->error)
    {
      g_propagate_error (error, g_error_copy (reader->error));
      return FALSE;
    }
  return TRUE;
}

JsonNode *
unclip_json_parse (const char *text, gsize length, GError **error)
{
  g_auto (UnclipJsonReader) reader = { 0 };
  g_autoptr (JsonNode) root = NULL;

  unclip_json_reader_init (&reader, text, length);
  root = scan_node (&reader);
  if (!unclip_json_reader_finish (&reader, error))
    return NULL;
  return g_steal_pointer (&root);
}

static gboolean
fail_file (const char *path, int saved_errno, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "Could not read “%s”: %s", path,
               g_strerror (saved_errno));
  return FALSE;
}

static gboolean
read_all (int fd, const char *path, char *out, gsize length, GError **error)
{
  for (gsize done = 0; done < length;)
    {
      gssize n = read (fd, out + done, length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail_file (path, n < 0 ? errno : EIO, error);
      done += n;
    }
  return TRUE;
}

char *
unclip_json_load_text (const char *path, gsize *length, GError **error)
{
  /* O_NONBLOCK: a pipe in a model folder must not hang the program. */
  int              fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat      info;
  g_autofree char *text = NULL;
  gboolean         read_it = FALSE;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      fail_file (path, errno, error);
    }
  else if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” is not a regular file", path);
    }
  else if (info.st_size > MAX_TEXT_BYTES)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” has %" G_GINT64_FORMAT
                   " MiB, far more than such a file needs", path, (gint64) info.st_size >> 20);
    }
  else
    {
      *length = info.st_size;
      text = g_malloc0 (*length + 1);
      read_it = read_all (fd, path, text, *length, error);
    }
  if (fd >= 0)
    close (fd);
  return read_it ? g_steal_pointer (&text) : NULL;
}

JsonObject *
unclip_json_load_object (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  gsize length;

  text = unclip_json_load_text (path, &length, error);
  if (!text)
    return NULL;
  root = unclip_json_parse (text, length, error);
  if (!root)
    {
      g_prefix_error (error, "“%s” is not valid JSON: ", path);
      return NULL;
    }
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” holds JSON, but not an object", path);
      return NULL;
    }
  return json_object_ref (json_node_get_object (root));
}

/* Writing. */

void
unclip_json_append_number (GString *json, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits <= 17; digits++)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", digits);

      g_ascii_formatd (text, sizeof text, format, value == 0 ? 0 : value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  g_string_append (json, text);
}

/* The end of the string that begins at @text. */
static const char *
find_string_end (const char *text)
{
  for (text++; *text != '"'; text++)
    if (*text == '\\')
      text++;
  return text + 1;
}

char *
unclip_json_to_string (JsonNode *node, gboolean pretty)
{
  g_autofree char *text = json_to_string (node, pretty);
  GString         *json = g_string_sized_new (strlen (text));

  for (const char *at = text, *end; *at != '\0'; at = end)
    {
      gsize    length = strspn (at, "+-.0123456789eE");
      gboolean is_double = (g_ascii_isdigit (*at) || *at == '-') && strcspn (at, ".eE") < length;

      end = *at == '"' ? find_string_end (at) : at + MAX (is_double ? length : 0, 1);
      if (!is_double)
        g_string_append_len (json, at, end - at);
      else
        {
          gsize before = json->len;

          unclip_json_append_number (json, g_ascii_strtod (at, NULL));
          if (strpbrk (json->str + before, ".e") == NULL)
            g_string_append (json, ".0");
        }
    }
  return g_string_free (json, FALSE);
}
