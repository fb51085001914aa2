/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The stage: what it shows of a picture that comes, of a source, and of both compared. */

#include "config.h"

#include "fugue-difference.h"
#include "fugue-picture-private.h"
#include "fugue-source-private.h"
#include "fugue-stage.h"
#include "test-widgets.h"

static UnclipImage *
image_new (guint width, guint height, guint8 level)
{
  gsize   n_bytes = 3 * (gsize) width * height;
  guint8 *rgb = g_malloc (n_bytes);

  memset (rgb, level, n_bytes);
  return unclip_image_new_take (width, height, rgb);
}

static FuguePicture *
picture_new (FuguePictureState state)
{
  return fugue_picture_new (&(FuguePictureFacts) { .id = 1, .state = state, .verb = "vary", .label = "star" });
}

static void
test_difference (void)
{
  const guint8            a_rgb[] = { 10, 20, 30, 0, 255, 100 };
  const guint8            b_rgb[] = { 11, 18, 30, 255, 0, 100 };
  const guint8            expected[] = { 8, 16, 0, 255, 255, 0 };
  g_autoptr (UnclipImage) a = unclip_image_new_copy (2, 1, a_rgb);
  g_autoptr (UnclipImage) b = unclip_image_new_copy (2, 1, b_rgb);
  g_autoptr (UnclipImage) difference = fugue_difference_image_new (a, b);

  g_assert_cmpmem (unclip_image_get_pixels (difference), unclip_image_get_n_bytes (difference), expected, sizeof expected);
}

static void
test_source_image (void)
{
  g_autoptr (UnclipImage) large = image_new (4000, 3000, 7);
  g_autoptr (UnclipImage) shown = fugue_source_image_new (large, &(UnclipRect) { 500, 0, 3000, 3000 }, 0, 0);
  g_autoptr (UnclipImage) small = fugue_source_image_new (large, &(UnclipRect) { 500, 0, 3000, 3000 }, 64, 64);

  g_assert_cmpuint (unclip_image_get_width (shown), ==, FUGUE_DIFFERENCE_MAX_SIDE);
  g_assert_cmpuint (unclip_image_get_height (shown), ==, FUGUE_DIFFERENCE_MAX_SIDE);
  g_assert_cmpuint (unclip_image_get_width (small), ==, 64);
  g_assert_cmpuint (unclip_image_get_pixels (small)[0], ==, 7);
}

/* A picture's previews come and go to the stage; zoom is told by the first picture's size. */
static void
test_progressive (void)
{
  GtkWidget               *stage = g_object_ref_sink (fugue_stage_new ());
  FugueStage              *self = FUGUE_STAGE (stage);
  FuguePicture            *picture = picture_new (FUGUE_PICTURE_WAITING);
  g_autoptr (UnclipImage)  preview = image_new (16, 16, 1);
  FugueView               *view = fugue_stage_get_view (self);

  fugue_stage_set_picture (self, picture);
  fugue_view_set_zoom (view, 1);
  g_assert_cmpfloat (fugue_view_get_shown_zoom (view), ==, 0);
  fugue_picture_set_state (picture, FUGUE_PICTURE_RUNNING);
  fugue_picture_set_preview (picture, preview);
  g_assert_cmpfloat (fugue_view_get_shown_zoom (view), ==, 1);
  fugue_stage_set_picture (self, NULL);
  g_assert_cmpfloat (fugue_view_get_shown_zoom (view), ==, 0);
  fugue_stage_set_picture (self, picture);
  g_assert_cmpfloat (fugue_view_get_shown_zoom (view), ==, 1);
  g_assert_finalize_object (stage);
  g_assert_finalize_object (picture);
}

/* Without a picture the source is there; the worker's answer arrives on the main loop. */
static void
test_source (void)
{
  GtkWidget              *stage = g_object_ref_sink (fugue_stage_new ());
  FugueView              *view = fugue_stage_get_view (FUGUE_STAGE (stage));
  g_autoptr (UnclipImage) image = image_new (32, 20, 9);
  FugueSource            *source = fugue_source_new (&(FugueSourceFacts) { .id = 1, .name = "star", .sha256 = "", .width = 32,
                                                                           .height = 20 });

  fugue_source_take_image (source, unclip_image_ref (image));
  fugue_view_set_zoom (view, 1);
  fugue_stage_set_source (FUGUE_STAGE (stage), source);
  test_wait_for (fugue_view_get_shown_zoom (view) == 1);
  test_accessible_text (GTK_WIDGET (view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "Source star");
  /* Its worker may hold it for a moment after it has answered. */
  test_unref_last (stage);
  g_assert_finalize_object (source);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

/* Held down, B shows the source. */
static void
test_before (void)
{
  g_autoptr (FuguePicture) picture = picture_new (FUGUE_PICTURE_WAITING);
  GtkWidget               *stage = fugue_stage_new ();
  GtkWindow               *window = test_window_new (stage);
  gboolean                 shows_source;
  guint                    n_shown = 0;

  fugue_stage_set_picture (FUGUE_STAGE (stage), picture);
  gtk_widget_grab_focus (stage);
  g_signal_connect_swapped (stage, "notify::shows-source", G_CALLBACK (count_cb), &n_shown);
  test_key (window, "b");
  test_wait_for (n_shown == 2);
  g_object_get (stage, "shows-source", &shows_source, NULL);
  g_assert_false (shows_source);
  gtk_window_destroy (window);
}

static void
test_properties (void)
{
  GtkWidget               *stage = g_object_ref_sink (fugue_stage_new ());
  g_autoptr (FuguePicture) picture = picture_new (FUGUE_PICTURE_WAITING);
  guint                    n = 0;

  g_signal_connect_swapped (stage, "notify", G_CALLBACK (count_cb), &n);
  g_object_set (stage, "picture", picture, "is-comparing", TRUE, "shows-source", TRUE, NULL);
  g_assert_cmpuint (n, ==, 3);
  g_object_set (stage, "picture", picture, "is-comparing", TRUE, "shows-source", TRUE, NULL);
  g_assert_cmpuint (n, ==, 3);
  g_assert_finalize_object (stage);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/stage/difference", test_difference);
  g_test_add_func ("/ui/stage/source-image", test_source_image);
  g_test_add_func ("/ui/stage/progressive", test_progressive);
  g_test_add_func ("/ui/stage/source", test_source);
  g_test_add_func ("/ui/stage/before", test_before);
  g_test_add_func ("/ui/stage/properties", test_properties);
  return g_test_run ();
}
