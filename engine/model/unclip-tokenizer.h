/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIP's tokenizer: a caption into the ids of its text tower.
 *
 * Byte-pair encoding over bytes. A caption is first cut at special tokens written out in it, each rest is cleaned (see
 * unclip-caption.h) and cut into words, numbers and runs of signs; the bytes of each piece are symbols, the last one
 * marked as a word's end; and the adjacent pair that stands first in merges.txt is joined until none is left.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct UnclipTokenizer UnclipTokenizer;

typedef struct
{
  guint   n;                    /* as many as the text tower takes, 77 for all released models */
  gint32 *ids;                  /* start, text, end, padding */
  guint8 *mask;                 /* 1 from start to end, 0 for padding */
  guint   n_dropped;            /* tokens of the text that did not fit */
} UnclipTokens;

/**
 * unclip_tokenizer_load:
 * @folder: with vocab.json and merges.txt; tokenizer_config.json and special_tokens_map.json are read if there
 *
 * Loads a CLIPTokenizer. Special tokens must be in the vocabulary.
 *
 * Errors: %UNCLIP_ERROR_MODEL_FORMAT naming the file; G_FILE_ERROR.
 *
 * Thread: any; reads files, about 50 ms for CLIP's.
 * Source: transformers 4.33, CLIPTokenizer (the slow one) without ftfy.
 *
 * Returns: (transfer full): free with unclip_tokenizer_free()
 */
UnclipTokenizer *unclip_tokenizer_load           (const char            *folder,
                                                  GError               **error);

void             unclip_tokenizer_free           (UnclipTokenizer       *tokenizer);

/**
 * unclip_tokenizer_get_n_vocab:
 *
 * Returns: the largest id and 1; the text tower must have at least this many
 */
guint            unclip_tokenizer_get_n_vocab    (UnclipTokenizer       *tokenizer);

/**
 * unclip_tokenizer_get_max_length:
 *
 * Returns: "model_max_length", or 77 where that is missing or absurd
 */
guint            unclip_tokenizer_get_max_length (UnclipTokenizer       *tokenizer);

/**
 * unclip_tokenizer_encode:
 * @caption: any length; bytes that are not UTF-8 are passed over
 *
 * Encodes a caption to exactly the maximum length, dropping tokens from its end if it is longer.
 *
 * A special token written out in @caption becomes that token. That holds for the padding token too, which in Karlo is
 * "!": there each "!" becomes id 0, like in the reference.
 *
 * Thread: any; the tokenizer never changes.
 *
 * Returns: (transfer full): the tokens
 */
UnclipTokens    *unclip_tokenizer_encode         (UnclipTokenizer       *tokenizer,
                                                  const char            *caption);

void             unclip_tokens_free              (UnclipTokens          *tokens);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipTokenizer, unclip_tokenizer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UnclipTokens, unclip_tokens_free)

G_END_DECLS
