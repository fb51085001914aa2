/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The film strip: keys walk its frames and set the amount; frames show what their pictures have. */

#include "config.h"

#include "fugue-picture-private.h"
#include "fugue-strip.h"
#include "test-widgets.h"

static const double amounts[] = { -0.5, -0.25, 0, 0.25, 0.5 };

static FuguePicture *
picture_new (gint64 id)
{
  return fugue_picture_new (&(FuguePictureFacts) { .id = id, .state = FUGUE_PICTURE_WAITING, .verb = "diff", .label = "star" });
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_amount (void)
{
  GtkWidget  *strip = g_object_ref_sink (fugue_strip_new ());
  FugueStrip *self = FUGUE_STRIP (strip);
  guint       n_notify = 0;

  g_signal_connect_swapped (strip, "notify::amount", G_CALLBACK (count_cb), &n_notify);
  fugue_strip_set_amounts (self, amounts, G_N_ELEMENTS (amounts));
  g_assert_cmpuint (fugue_strip_get_n_frames (self), ==, 5);
  g_assert_cmpuint (fugue_strip_get_current (self), ==, 2);
  g_object_set (strip, "amount", 0.4, NULL);
  g_object_set (strip, "amount", 0.4, NULL);
  g_assert_cmpuint (n_notify, ==, 1);
  g_assert_cmpuint (fugue_strip_get_current (self), ==, 4);
  g_assert_finalize_object (strip);
}

/* Only the frame at the very amount gives its picture. */
static void
test_pictures (void)
{
  g_autoptr (GListStore) pictures = g_list_store_new (FUGUE_TYPE_PICTURE);
  GtkWidget             *strip = g_object_ref_sink (fugue_strip_new ());
  FugueStrip            *self = FUGUE_STRIP (strip);
  g_autoptr (FuguePicture) last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      g_autoptr (FuguePicture) picture = picture_new (i + 1);

      g_list_store_append (pictures, picture);
    }
  fugue_strip_set_amounts (self, amounts, G_N_ELEMENTS (amounts));
  fugue_strip_set_pictures (self, G_LIST_MODEL (pictures));
  fugue_strip_set_amount (self, 0.25);
  g_assert_cmpint (fugue_picture_get_id (fugue_strip_get_picture (self)), ==, 4);
  fugue_strip_set_amount (self, 0.3);
  g_assert_null (fugue_strip_get_picture (self));

  /* Other amounts: these pictures are not theirs. */
  fugue_strip_set_amounts (self, amounts, 3);
  fugue_strip_set_amount (self, 0);
  g_assert_null (fugue_strip_get_picture (self));

  last = g_list_model_get_item (G_LIST_MODEL (pictures), 4);
  g_list_store_remove_all (pictures);
  g_assert_finalize_object (strip);
  g_assert_finalize_object (g_steal_pointer (&last));
}

static void
activate_cb (FugueStrip *strip, double amount, double *got)
{
  *got = amount;
}

static void
test_keys (void)
{
  GtkWidget  *strip = fugue_strip_new ();
  FugueStrip *self = FUGUE_STRIP (strip);
  GtkWindow  *window;
  double      activated = 9;
  guint       n_render = 0;

  fugue_strip_set_amounts (self, amounts, G_N_ELEMENTS (amounts));
  window = test_window_new (strip);
  g_signal_connect (strip, "activate", G_CALLBACK (activate_cb), &activated);
  g_signal_connect_swapped (strip, "render", G_CALLBACK (count_cb), &n_render);

  /* The button comes first; then one frame. */
  gtk_widget_grab_focus (gtk_widget_get_last_child (gtk_widget_get_first_child (strip)));
  test_key (window, "Return");
  test_wait_for (n_render == 1);
  g_assert_cmpfloat (activated, ==, 9);
  test_key (window, "Tab");
  test_key (window, "Right");
  test_wait_for (fugue_strip_get_amount (self) == 0.25);
  test_key (window, "Right");
  test_key (window, "Right");
  test_key (window, "Return");
  test_wait_for (activated == 0.5);
  test_key (window, "Left");
  test_wait_for (fugue_strip_get_amount (self) == 0.25);
  test_key (window, "Home");
  test_wait_for (fugue_strip_get_amount (self) == -0.5);
  test_key (window, "End");
  test_wait_for (fugue_strip_get_amount (self) == 0.5);
  g_assert_cmpuint (n_render, ==, 1);

  gtk_widget_set_direction (strip, GTK_TEXT_DIR_RTL);
  test_key (window, "Right");
  test_wait_for (fugue_strip_get_amount (self) == 0.25);
  gtk_window_destroy (window);
}

static GtkWidget *
find_role (GtkWidget *widget, GtkAccessibleRole role)
{
  if (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget)) == role)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_role (child, role);

      if (found)
        return found;
    }
  return NULL;
}

static void
test_accessible (void)
{
  g_autoptr (GListStore)   pictures = g_list_store_new (FUGUE_TYPE_PICTURE);
  g_autoptr (FuguePicture) picture = picture_new (1);
  GtkWidget               *strip = g_object_ref_sink (fugue_strip_new ());
  GtkWidget               *frame;

  fugue_strip_set_amounts (FUGUE_STRIP (strip), amounts, G_N_ELEMENTS (amounts));
  g_assert_nonnull (find_role (strip, GTK_ACCESSIBLE_ROLE_LIST_BOX));
  frame = find_role (strip, GTK_ACCESSIBLE_ROLE_OPTION);
  test_accessible_text (frame, GTK_ACCESSIBLE_PROPERTY_LABEL, "Amount -0.50, not made yet");
  g_list_store_append (pictures, picture);
  fugue_strip_set_pictures (FUGUE_STRIP (strip), G_LIST_MODEL (pictures));
  test_accessible_text (frame, GTK_ACCESSIBLE_PROPERTY_LABEL, "Amount -0.50, waiting");
  fugue_picture_set_state (picture, FUGUE_PICTURE_FAILED);
  test_accessible_text (frame, GTK_ACCESSIBLE_PROPERTY_LABEL, "Amount -0.50, failed");
  fugue_strip_set_amount (FUGUE_STRIP (strip), -0.4);
  gtk_test_accessible_assert_state (frame, GTK_ACCESSIBLE_STATE_SELECTED, TRUE);
  fugue_strip_set_amount (FUGUE_STRIP (strip), 0.4);
  gtk_test_accessible_assert_state (frame, GTK_ACCESSIBLE_STATE_SELECTED, FALSE);
  g_assert_finalize_object (strip);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/strip/amount", test_amount);
  g_test_add_func ("/ui/strip/pictures", test_pictures);
  g_test_add_func ("/ui/strip/keys", test_keys);
  g_test_add_func ("/ui/strip/accessible", test_accessible);
  return g_test_run ();
}
