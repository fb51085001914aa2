/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Strings are interned as symbols, numbers from 0, when the files are read; encoding works on symbols alone. A pair of
 * symbols is looked up in a table of open addresses that holds rank and result.
 */

#include "config.h"

#include "unclip-tokenizer.h"

#include "unclip-caption.h"
#include "unclip-config-reader.h"
#include "unclip-error.h"
#include "unclip-json.h"

#include <string.h>

#define WORD_END "</w>"
#define N_BYTES 256
#define DEFAULT_MAX_LENGTH 77
#define MAX_LENGTH_LIMIT 4096
#define MAX_VOCABULARY (1 << 20)

/* The reference reads no more of merges.txt, whatever else stands there. */
#define MAX_MERGES (49152 - 256 - 2)

#define SMALL_LONG_S 0x17f
#define IOTA_SUBSCRIPT 0x345

enum { BOS, EOS, UNK, PAD, N_SPECIAL };

typedef struct
{
  guint64 key;                  /* left symbol << 32 | right symbol; EMPTY in a free place */
  guint32 rank;
  guint32 merged;               /* the symbol that both make */
} Merge;

#define EMPTY G_MAXUINT64

struct UnclipTokenizer
{
  /* Constant after load, owned. */
  GStringChunk *strings;
  GHashTable   *symbols;        /* string → symbol + 1 */
  GArray       *ids;            /* of gint32: a symbol's id, or -1 when it is not in the vocabulary */
  Merge        *merges;
  guint32       merges_mask;    /* places, a power of two, less 1 */

  guint32       byte_symbols[N_BYTES];          /* of a byte inside a piece */
  guint32       end_symbols[N_BYTES];           /* of a byte at its end */
  const char   *specials[N_SPECIAL];            /* in @strings, or constants */
  gint32        special_ids[N_SPECIAL];
  guint         n_vocab;
  guint         max_length;
};

/* ---- reading the files ------------------------------------------------------------------------------------------- */

static gboolean
lookup_symbol (const UnclipTokenizer *self, const char *string, guint32 *symbol)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (self->symbols, string));

  *symbol = found - 1;
  return found > 0;
}

static guint32
intern (UnclipTokenizer *self, const char *string)
{
  const gint32 no_id = -1;
  guint32      symbol;

  if (lookup_symbol (self, string, &symbol))
    return symbol;
  g_array_append_val (self->ids, no_id);
  g_hash_table_insert (self->symbols, g_string_chunk_insert (self->strings, string), GUINT_TO_POINTER (self->ids->len));
  return self->ids->len - 1;
}

static gboolean
load_vocab (UnclipTokenizer *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *text = NULL;
  g_auto (UnclipJsonReader) reader = { 0 };
  const char *token;
  gsize       length;

  text = unclip_json_load_text (path, &length, error);
  if (!text)
    return FALSE;
  unclip_json_reader_init (&reader, text, length);
  unclip_json_reader_enter (&reader, UNCLIP_JSON_OBJECT);
  while ((token = unclip_json_reader_next_member (&reader)))
    {
      guint32 symbol = intern (self, token);
      gint64  id = unclip_json_reader_read_int (&reader);

      if (id < 0 || id >= MAX_VOCABULARY || self->ids->len > MAX_VOCABULARY)
        unclip_json_reader_fail (&reader, "the id of “%s” is not from 0 to %d", token, MAX_VOCABULARY - 1);
      else if (g_array_index (self->ids, gint32, symbol) >= 0)
        unclip_json_reader_fail (&reader, "“%s” stands twice", token);
      else
        g_array_index (self->ids, gint32, symbol) = (gint32) id;
      self->n_vocab = MAX (self->n_vocab, (guint) id + 1);
    }
  if (unclip_json_reader_finish (&reader, error))
    return TRUE;
  g_prefix_error (error, "“%s” is not a vocabulary: ", path);
  return FALSE;
}

/* Splitmix64's finish: neighbouring keys go to far places. */
static guint32
hash_pair (guint64 key)
{
  key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
  key = (key ^ key >> 27) * 0x94d049bb133111ebu;
  return (guint32) (key ^ key >> 31);
}

static Merge *
find_merge (const UnclipTokenizer *self, guint32 left, guint32 right)
{
  guint64 key = (guint64) left << 32 | right;
  guint32 at = hash_pair (key) & self->merges_mask;

  while (self->merges[at].key != key && self->merges[at].key != EMPTY)
    at = (at + 1) & self->merges_mask;
  return &self->merges[at];
}

/* "left right": of a pair that stands twice, the later rank holds, as in the reference. */
static gboolean
add_merge (UnclipTokenizer *self, const char *line, guint rank)
{
  const char      *space = strchr (line, ' ');
  g_autofree char *left = space ? g_strndup (line, space - line) : NULL;
  g_autofree char *merged = space ? g_strconcat (left, space + 1, NULL) : NULL;
  guint32          left_symbol, right_symbol;
  Merge           *merge;

  if (!space || space == line || space[1] == '\0' || strchr (space + 1, ' '))
    return FALSE;
  left_symbol = intern (self, left);
  right_symbol = intern (self, space + 1);
  merge = find_merge (self, left_symbol, right_symbol);
  merge->key = (guint64) left_symbol << 32 | right_symbol;
  merge->rank = rank;
  merge->merged = intern (self, merged);
  return TRUE;
}

static void
allocate_merges (UnclipTokenizer *self, guint n)
{
  guint32 n_places = 1;

  while (n_places < 2 * n + 1)
    n_places *= 2;
  self->merges = g_new (Merge, n_places);
  self->merges_mask = n_places - 1;
  for (guint32 i = 0; i < n_places; i++)
    self->merges[i].key = EMPTY;
}

static gboolean
load_merges (UnclipTokenizer *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "merges.txt", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv)   lines = NULL;
  gsize            length;
  guint            n;

  text = unclip_json_load_text (path, &length, error);
  if (!text)
    return FALSE;
  if (!g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "“%s” is not UTF-8 text", path);
      return FALSE;
    }
  lines = g_strsplit (g_strstrip (text), "\n", MAX_MERGES + 2);
  n = g_strv_length (lines);
  allocate_merges (self, n);
  for (guint i = 1; i < n && i <= MAX_MERGES; i++)      /* the first line is a comment */
    if (!add_merge (self, g_strchomp (lines[i]), i - 1))
      {
        g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT, "Line %u of “%s” is not a pair of symbols", i + 1,
                     path);
        return FALSE;
      }
  return TRUE;
}

/* Printable bytes stand for themselves, the others for code points from U+0100, in order. */
static void
intern_bytes (UnclipTokenizer *self)
{
  guint n_others = 0;

  for (guint byte = 0; byte < N_BYTES; byte++)
    {
      gboolean is_printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      char     string[6 + sizeof WORD_END] = "";
      int      n = g_unichar_to_utf8 (is_printable ? byte : 0x100 + n_others, string);

      n_others += !is_printable;
      self->byte_symbols[byte] = intern (self, string);
      memcpy (string + n, WORD_END, sizeof WORD_END);
      self->end_symbols[byte] = intern (self, string);
    }
}

static const char *const special_keys[N_SPECIAL] = {
  [BOS] = "bos_token",
  [EOS] = "eos_token",
  [UNK] = "unk_token",
  [PAD] = "pad_token",
};

/* A special token is a string, or an object that holds it as "content". */
static void
read_specials (UnclipTokenizer *self, UnclipConfigReader *reader)
{
  for (guint i = 0; i < N_SPECIAL; i++)
    {
      JsonNode   *node = unclip_config_reader_find (reader, special_keys[i]);
      const char *token;

      if (!node)
        continue;
      if (JSON_NODE_HOLDS_OBJECT (node))
        reader->object = json_node_get_object (node);
      token = unclip_config_reader_string (reader, reader->object == reader->root ? special_keys[i] : "content", NULL);
      reader->object = reader->root;
      if (!token || *token == '\0')
        unclip_config_reader_fail (reader, "“%s” holds no token", special_keys[i]);
      else
        self->specials[i] = g_string_chunk_insert (self->strings, token);
    }
}

/* The second file may say again, and then holds. */
static gboolean
load_settings (UnclipTokenizer *self, const char *folder, GError **error)
{
  static const char *const names[] = { "tokenizer_config.json", "special_tokens_map.json" };

  self->specials[BOS] = "<|startoftext|>";
  self->specials[EOS] = self->specials[UNK] = self->specials[PAD] = "<|endoftext|>";
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_auto (UnclipConfigReader) reader = { 0 };
      JsonNode *length;

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      unclip_config_reader_init (&reader, folder, names[i]);
      read_specials (self, &reader);
      length = unclip_config_reader_find (&reader, "model_max_length");
      /* "No limit" is written as a number of thirty digits. */
      if (length && json_node_get_value_type (length) == G_TYPE_INT64 && json_node_get_int (length) <= MAX_LENGTH_LIMIT)
        self->max_length = (guint) unclip_config_reader_int (&reader, "model_max_length", 0, 2, MAX_LENGTH_LIMIT);
      if (!unclip_config_reader_finish (&reader, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
resolve_specials (UnclipTokenizer *self, const char *folder, GError **error)
{
  for (guint i = 0; i < N_SPECIAL; i++)
    {
      guint32 symbol;

      if (!lookup_symbol (self, self->specials[i], &symbol) || g_array_index (self->ids, gint32, symbol) < 0)
        {
          g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_MODEL_FORMAT,
                       "In “%s”, the “%s” %s is not in the vocabulary", folder, special_keys[i], self->specials[i]);
          return FALSE;
        }
      self->special_ids[i] = g_array_index (self->ids, gint32, symbol);
    }
  return TRUE;
}

UnclipTokenizer *
unclip_tokenizer_load (const char *folder, GError **error)
{
  g_autoptr (UnclipTokenizer) self = g_new0 (UnclipTokenizer, 1);

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self->strings = g_string_chunk_new (64 * 1024);
  self->symbols = g_hash_table_new (g_str_hash, g_str_equal);
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->max_length = DEFAULT_MAX_LENGTH;
  if (!load_vocab (self, folder, error) || !load_merges (self, folder, error) || !load_settings (self, folder, error)
      || !resolve_specials (self, folder, error))
    return NULL;
  intern_bytes (self);
  return g_steal_pointer (&self);
}

void
unclip_tokenizer_free (UnclipTokenizer *self)
{
  if (!self)
    return;
  g_free (self->merges);
  g_array_unref (self->ids);
  g_hash_table_unref (self->symbols);
  g_string_chunk_free (self->strings);
  g_free (self);
}

guint
unclip_tokenizer_get_n_vocab (UnclipTokenizer *self)
{
  return self->n_vocab;
}

guint
unclip_tokenizer_get_max_length (UnclipTokenizer *self)
{
  return self->max_length;
}

/* ---- encoding ---------------------------------------------------------------------------------------------------- */

static void
append_id (UnclipTokenizer *self, GArray *ids, guint32 symbol)
{
  gint32 id = g_array_index (self->ids, gint32, symbol);

  if (id < 0)
    id = self->special_ids[UNK];
  g_array_append_val (ids, id);
}

/* Joins all places of one pair, from the left; returns how many symbols remain. */
static gsize
join_pair (guint32 *symbols, gsize n, const Merge *merge)
{
  guint32 left = (guint32) (merge->key >> 32), right = (guint32) merge->key;
  gsize   out = 0;

  for (gsize i = 0; i < n; i++)
    {
      gboolean joins = i + 1 < n && symbols[i] == left && symbols[i + 1] == right;

      symbols[out++] = joins ? merge->merged : symbols[i];
      i += joins;
    }
  return out;
}

static void
encode_piece (UnclipTokenizer *self, const char *piece, gsize length, GArray *ids)
{
  g_autofree guint32 *symbols = g_new (guint32, length);
  gsize               n = length;

  for (gsize i = 0; i < length; i++)
    symbols[i] = (i + 1 < length ? self->byte_symbols : self->end_symbols)[(guint8) piece[i]];
  for (;;)
    {
      const Merge *best = NULL;

      for (gsize i = 0; i + 1 < n; i++)
        {
          const Merge *merge = find_merge (self, symbols[i], symbols[i + 1]);

          if (merge->key != EMPTY && (!best || merge->rank < best->rank))
            best = merge;
        }
      if (!best)
        break;
      n = join_pair (symbols, n, best);
    }
  for (gsize i = 0; i < n; i++)
    append_id (self, ids, symbols[i]);
}

/* Bytes of @text that spell @word, in any case; 0 if it doesn't. The long s folds to an s, the only other character that
 * folds to a letter of our words. */
static gsize
match_word (const char *text, const char *word)
{
  const char *p = text;

  for (; *word; word++)
    {
      if (*word == 's' && g_utf8_get_char (p) == SMALL_LONG_S)
        p = g_utf8_next_char (p);
      else if (g_ascii_tolower (*p) == *word)
        p++;
      else
        return 0;
    }
  return p - text;
}

typedef enum { LETTER, NUMBER, SPACE, SIGN } CharacterClass;

static CharacterClass
classify (gunichar c)
{
  /* A mark that folds to a letter: the reference's expression takes it for neither, and drops it. */
  if (c == IOTA_SUBSCRIPT)
    return SPACE;
  switch (g_unichar_type (c))
    {
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
      return LETTER;
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
      return NUMBER;
    default:
      return c == ' ' ? SPACE : SIGN;
    }
}

/* Bytes of the piece at the start of @text: a special token's spelling, a contraction, letters, one number, or signs.
 * The first that fits, in this order. */
static gsize
measure_piece (const char *text)
{
  static const char *const words[] = {
    "<|startoftext|>", "<|endoftext|>", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d",
  };
  CharacterClass class = classify (g_utf8_get_char (text));
  const char    *p = g_utf8_next_char (text);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = match_word (text, words[i]);

      if (length > 0)
        return length;
    }
  if (class == LETTER || class == SIGN)
    while (*p && classify (g_utf8_get_char (p)) == class)
      p = g_utf8_next_char (p);
  return p - text;
}

/* The reference never splits these two, which cleaning may have made out of other spellings. */
static gboolean
append_whole (UnclipTokenizer *self, const char *piece, gsize length, GArray *ids)
{
  static const char *const wholes[] = { "<|startoftext|>", "<|endoftext|>" };

  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    if (length == strlen (wholes[i]) && memcmp (piece, wholes[i], length) == 0)
      {
        guint32 symbol;
        gint32  id = self->special_ids[UNK];

        if (lookup_symbol (self, wholes[i], &symbol))
          append_id (self, ids, symbol);
        else
          g_array_append_val (ids, id);
        return TRUE;
      }
  return FALSE;
}

static void
encode_text (UnclipTokenizer *self, const char *text, gsize length, GArray *ids)
{
  g_autofree char *clean = unclip_caption_clean (text, length);
  const char      *p = clean;

  while (*p)
    {
      gsize piece_length = measure_piece (p);

      if (classify (g_utf8_get_char (p)) != SPACE && !append_whole (self, p, piece_length, ids))
        encode_piece (self, p, piece_length, ids);
      p += piece_length;
    }
}

/* The longest special token that @text starts with, or N_SPECIAL. */
static guint
match_special (UnclipTokenizer *self, const char *text)
{
  guint best = N_SPECIAL;

  for (guint i = 0; i < N_SPECIAL; i++)
    if (g_str_has_prefix (text, self->specials[i])
        && (best == N_SPECIAL || strlen (self->specials[i]) > strlen (self->specials[best])))
      best = i;
  return best;
}

static UnclipTokens *
frame (UnclipTokenizer *self, GArray *ids)
{
  UnclipTokens *tokens = g_new0 (UnclipTokens, 1);
  guint         room = self->max_length - 2;
  guint         n_text = MIN (ids->len, room);

  tokens->n = self->max_length;
  tokens->ids = g_new (gint32, tokens->n);
  tokens->mask = g_new0 (guint8, tokens->n);
  tokens->n_dropped = ids->len - n_text;
  for (guint i = 0; i < tokens->n; i++)
    {
      if (i == 0)
        tokens->ids[i] = self->special_ids[BOS];
      else if (i <= n_text)
        tokens->ids[i] = g_array_index (ids, gint32, i - 1);
      else
        tokens->ids[i] = self->special_ids[i == n_text + 1 ? EOS : PAD];
      tokens->mask[i] = i <= n_text + 1;
    }
  return tokens;
}

UnclipTokens *
unclip_tokenizer_encode (UnclipTokenizer *self, const char *caption)
{
  g_autofree char   *text = g_utf8_make_valid (caption, -1);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  const char        *start = text, *p = text;

  while (*p)
    {
      guint special = match_special (self, p);

      if (special == N_SPECIAL)
        {
          p = g_utf8_next_char (p);
          continue;
        }
      encode_text (self, start, p - start, ids);
      g_array_append_val (ids, self->special_ids[special]);
      p += strlen (self->specials[special]);
      start = p;
    }
  encode_text (self, start, p - start, ids);
  return frame (self, ids);
}

void
unclip_tokens_free (UnclipTokens *tokens)
{
  if (!tokens)
    return;
  g_free (tokens->ids);
  g_free (tokens->mask);
  g_free (tokens);
}
