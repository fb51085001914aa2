/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cleaning a caption before it is cut into tokens. Internal to the tokenizer. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * unclip_caption_clean:
 * @text: valid UTF-8
 * @length: bytes in @text
 *
 * Drops control, format, private and unassigned characters and U+FFFD; makes every kind of space one space, none at the
 * ends; sets spaces around CJK ideographs; composes (NFC); and lower-cases as full case mapping does: İ becomes i and a
 * dot above, Σ becomes ς at the end of a word. Accents stay, punctuation is not cut off.
 *
 * Thread: any.
 * Source: transformers 4.33, CLIPTokenizer without ftfy (BasicTokenizer); Unicode 15, sec. 3.13, default case conversion.
 *
 * Returns: (transfer full): the clean text
 */
char *unclip_caption_clean (const char *text,
                            gsize       length);

G_END_DECLS
