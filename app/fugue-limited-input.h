/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An input stream that gives so many bytes and then an error, until the limit is lifted: a launcher may print without end,
 * and who waits for a line of that fills the memory.
 *
 * Thread: any; one reader at a time.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_LIMITED_INPUT (fugue_limited_input_get_type ())

G_DECLARE_FINAL_TYPE (FugueLimitedInput, fugue_limited_input, FUGUE, LIMITED_INPUT, GFilterInputStream)

/**
 * fugue_limited_input_new:
 * @base: a stream that can be polled
 *
 * Returns: (transfer full)
 */
GInputStream *fugue_limited_input_new  (GInputStream      *base,
                                        guint              n_bytes);
void          fugue_limited_input_lift (FugueLimitedInput *input);

G_END_DECLS
