/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-quick-look.h"

#include <glib/gi18n.h>

#include "fugue-cell.h"
#include "fugue-convert.h"
#include "fugue-view.h"

struct _FugueQuickLook
{
  GtkWidget     parent_instance;

  GtkWidget    *view;         /* owned, as the only child */
  FuguePicture *picture;      /* owned; (nullable) */
};

G_DEFINE_FINAL_TYPE (FugueQuickLook, fugue_quick_look, GTK_TYPE_WIDGET)

/* The best that is here now. */
static UnclipImage *
get_image (FuguePicture *picture)
{
  if (fugue_picture_get_image (picture) != NULL)
    return fugue_picture_get_image (picture);
  return fugue_picture_get_thumbnail (picture) != NULL ? fugue_picture_get_thumbnail (picture)
                                                       : fugue_picture_get_preview (picture);
}

static void
update (FugueQuickLook *self)
{
  UnclipImage *image = get_image (self->picture);
  g_autoptr (GdkTexture) texture = image != NULL ? fugue_texture_new_from_image (image) : NULL;
  g_autofree char *description = fugue_picture_dup_description (self->picture);
  const FugueViewPane pane = { texture, description };

  fugue_view_set_panes (FUGUE_VIEW (self->view), &pane, 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
}

static void
fugue_quick_look_dispose (GObject *object)
{
  FugueQuickLook *self = FUGUE_QUICK_LOOK (object);

  fugue_quick_look_set_picture (self, NULL);
  g_clear_pointer (&self->view, gtk_widget_unparent);
  G_OBJECT_CLASS (fugue_quick_look_parent_class)->dispose (object);
}

static void
fugue_quick_look_class_init (FugueQuickLookClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_quick_look_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "quicklook");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fugue_quick_look_init (FugueQuickLook *self)
{
  self->view = fugue_view_new ();
  gtk_widget_set_focusable (self->view, FALSE);
  gtk_widget_set_parent (self->view, GTK_WIDGET (self));
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Quick look"), -1);
}

GtkWidget *
fugue_quick_look_new (void)
{
  return g_object_new (FUGUE_TYPE_QUICK_LOOK, NULL);
}

void
fugue_quick_look_set_picture (FugueQuickLook *self,
                              FuguePicture   *picture)
{
  g_return_if_fail (FUGUE_IS_QUICK_LOOK (self));

  if (picture == self->picture)
    return;

  if (self->picture != NULL)
    g_signal_handlers_disconnect_by_func (self->picture, update, self);
  g_set_object (&self->picture, picture);
  gtk_widget_set_visible (GTK_WIDGET (self), picture != NULL);
  if (picture == NULL)
    return;

  g_signal_connect_swapped (picture, "notify", G_CALLBACK (update), self);
  fugue_picture_request_image (picture);
  update (self);
}

FuguePicture *
fugue_quick_look_get_picture (FugueQuickLook *self)
{
  g_return_val_if_fail (FUGUE_IS_QUICK_LOOK (self), NULL);

  return self->picture;
}
