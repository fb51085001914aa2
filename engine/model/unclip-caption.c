/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "unclip-caption.h"

#define LINE_SEPARATOR 0x2028
#define PARAGRAPH_SEPARATOR 0x2029
#define REPLACEMENT_CHARACTER 0xfffd
#define CAPITAL_I_WITH_DOT 0x130
#define DOT_ABOVE 0x307
#define CAPITAL_SIGMA 0x3a3
#define SMALL_SIGMA 0x3c3
#define FINAL_SIGMA 0x3c2
#define FIRST_ROMAN_NUMBER 0x2160
#define FIRST_SMALL_ROMAN_NUMBER 0x2170
#define FIRST_CIRCLED_LETTER 0x24b6
#define FIRST_SMALL_CIRCLED_LETTER 0x24d0

typedef struct
{
  gunichar first, last;
} Range;

static gboolean
is_in (gunichar c, const Range *ranges, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (c >= ranges[i].first && c <= ranges[i].last)
      return TRUE;
  return FALSE;
}

/* The blocks that the reference takes for ideographs; later ones (plane 3, extension F) it doesn't know. */
static gboolean
is_ideograph (gunichar c)
{
  static const Range blocks[] = {
    { 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xf900, 0xfaff },   { 0x20000, 0x2a6df },
    { 0x2a700, 0x2b73f }, { 0x2b740, 0x2b81f }, { 0x2b820, 0x2ceaf }, { 0x2f800, 0x2fa1f },
  };

  return is_in (c, blocks, G_N_ELEMENTS (blocks));
}

static gboolean
is_dropped (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
      return c != '\t' && c != '\n' && c != '\r';
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
      return TRUE;
    default:
      return c == REPLACEMENT_CHARACTER;
    }
}

/* Drops what has no place and sets spaces; there may be many in a row. */
static GString *
filter (const char *text, gsize length)
{
  GString *out = g_string_sized_new (length);

  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_dropped (c))
        continue;
      if (c == '\t' || c == '\n' || c == '\r' || g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR)
        {
          g_string_append_c (out, ' ');
        }
      else if (is_ideograph (c))
        {
          g_string_append_c (out, ' ');
          g_string_append_unichar (out, c);
          g_string_append_c (out, ' ');
        }
      else
        {
          g_string_append_unichar (out, c);
        }
    }
  return out;
}

/* Case_Ignorable: marks and modifiers, and what may stand inside a word. */
static gboolean
is_case_ignorable (gunichar c)
{
  static const gunichar inside_words[] = {
    '\'', '.', ':', 0xb7, 0x387, 0x55f, 0x5f4, 0x2018, 0x2019, 0x2024, 0x2027, 0xfe13, 0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a,
  };

  switch (g_unichar_type (c))
    {
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_FORMAT:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_MODIFIER_SYMBOL:
      return TRUE;
    default:
      for (guint i = 0; i < G_N_ELEMENTS (inside_words); i++)
        if (c == inside_words[i])
          return TRUE;
      return FALSE;
    }
}

/* Cased: letters with case, and the signs that look like such (Other_Lowercase, Other_Uppercase). */
static gboolean
is_cased (gunichar c)
{
  static const Range signs[] = {
    { 0xaa, 0xaa },       { 0xba, 0xba },       { 0x2160, 0x217f },   { 0x24b6, 0x24e9 },
    { 0x1f130, 0x1f149 }, { 0x1f150, 0x1f169 }, { 0x1f170, 0x1f189 },
  };

  switch (g_unichar_type (c))
    {
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
      return TRUE;
    default:
      return is_in (c, signs, G_N_ELEMENTS (signs));
    }
}

/* Final_Sigma: something cased before it in the word, nothing cased behind it; ignorable characters are passed over. */
static gboolean
is_final_sigma (const gunichar *text, glong n, glong at)
{
  glong i = at - 1;

  while (i >= 0 && is_case_ignorable (text[i]))
    i--;
  if (i < 0 || !is_cased (text[i]))
    return FALSE;
  i = at + 1;
  while (i < n && is_case_ignorable (text[i]))
    i++;
  return i == n || !is_cased (text[i]);
}

/* One character to one; GLib's own function leaves signs that have case as they are. */
static gunichar
lower_character (gunichar c)
{
  if (c >= FIRST_ROMAN_NUMBER && c < FIRST_SMALL_ROMAN_NUMBER)
    return c - FIRST_ROMAN_NUMBER + FIRST_SMALL_ROMAN_NUMBER;
  if (c >= FIRST_CIRCLED_LETTER && c < FIRST_SMALL_CIRCLED_LETTER)
    return c - FIRST_CIRCLED_LETTER + FIRST_SMALL_CIRCLED_LETTER;
  return g_unichar_tolower (c);
}

static GString *
lower (const char *text)
{
  glong                n;
  g_autofree gunichar *characters = g_utf8_to_ucs4_fast (text, -1, &n);
  GString             *out = g_string_sized_new (n);

  for (glong i = 0; i < n; i++)
    {
      if (characters[i] == CAPITAL_SIGMA)
        {
          g_string_append_unichar (out, is_final_sigma (characters, n, i) ? FINAL_SIGMA : SMALL_SIGMA);
        }
      else if (characters[i] == CAPITAL_I_WITH_DOT)
        {
          g_string_append_c (out, 'i');
          g_string_append_unichar (out, DOT_ABOVE);
        }
      else
        {
          g_string_append_unichar (out, lower_character (characters[i]));
        }
    }
  return out;
}

/* Runs of spaces and of the two separators, which are no Zs and came through the filter, become one space. */
static char *
join_words (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c != ' ' && c != LINE_SEPARATOR && c != PARAGRAPH_SEPARATOR)
        g_string_append_unichar (out, c);
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

char *
unclip_caption_clean (const char *text, gsize length)
{
  g_autoptr (GString) filtered = filter (text, length);
  g_autofree char    *composed = g_utf8_normalize (filtered->str, (gssize) filtered->len, G_NORMALIZE_DEFAULT_COMPOSE);
  g_autoptr (GString) lowered = lower (composed);

  return join_words (lowered->str);
}
