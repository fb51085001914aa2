/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A source that changes its place is told by its slot property, not by the list, so both are watched. */

#include "config.h"

#include "fugue-sources.h"

#include <glib/gi18n.h>

#include "fugue-convert.h"
#include "fugue-source-slot.h"
#include "fugue-thumb.h"

/* Pixels */
#define TRAY_SIZE 52

struct _FugueSources
{
  GtkWidget           parent_instance;

  /* Owned, as children */
  GtkWidget          *title;
  GtkWidget          *scrolled;

  /* Borrowed: within them */
  FugueSourceSlot    *slots[FUGUE_N_SLOTS];
  GtkWidget          *tray_title;
  GtkFlowBox         *tray;

  /* Owned */
  FugueSession       *session;
  GtkFilter          *filter;
  GtkFilterListModel *in_tray;
};

enum
{
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FugueSources, fugue_sources, GTK_TYPE_WIDGET)

static void
chosen_cb (FugueSources *self,
           FugueSource  *source)
{
  g_signal_emit (self, signals[CHOSEN], 0, source);
}

/* ---- the tray ---- */

static gboolean
is_in_tray (gpointer item,
            gpointer user_data)
{
  return fugue_source_get_slot (item) == FUGUE_SLOT_TRAY;
}

static GdkContentProvider *
drag_prepare_cb (GtkDragSource *drag,
                 double         x,
                 double         y,
                 FugueSource   *source)
{
  return gdk_content_provider_new_typed (FUGUE_TYPE_SOURCE, source);
}

static gboolean
tray_key_cb (GtkEventControllerKey *controller,
             guint                  keyval,
             guint                  keycode,
             GdkModifierType        state,
             FugueSources          *self)
{
  FugueSource *source = fugue_sources_get_focused (self);

  if (source == NULL || (keyval != GDK_KEY_Delete && keyval != GDK_KEY_KP_Delete))
    return GDK_EVENT_PROPAGATE;

  fugue_session_move_source (self->session, source, FUGUE_SLOT_NONE);
  return GDK_EVENT_STOP;
}

static GtkWidget *
create_tray_child_cb (gpointer item,
                      gpointer user_data)
{
  FugueSource *source = item;
  GtkWidget *child = gtk_flow_box_child_new ();
  GtkWidget *thumb = fugue_thumb_new (TRAY_SIZE, NULL);
  GtkDragSource *drag = gtk_drag_source_new ();

  fugue_thumb_set_source (FUGUE_THUMB (thumb), source);
  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY | GDK_ACTION_MOVE);
  g_signal_connect_object (drag, "prepare", G_CALLBACK (drag_prepare_cb), source, 0);
  gtk_widget_add_controller (thumb, GTK_EVENT_CONTROLLER (drag));
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), thumb);
  gtk_widget_set_tooltip_text (child, fugue_source_get_name (source));
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  fugue_source_get_name (source), -1);
  g_object_set_data_full (G_OBJECT (child), "fugue-source", g_object_ref (source), g_object_unref);
  return child;
}

static void
tray_activated_cb (FugueSources    *self,
                   GtkFlowBoxChild *child)
{
  chosen_cb (self, g_object_get_data (G_OBJECT (child), "fugue-source"));
}

static void
tray_changed_cb (FugueSources *self)
{
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->in_tray)) == 0;

  gtk_widget_set_visible (self->tray_title, !is_empty);
  gtk_widget_set_visible (GTK_WIDGET (self->tray), !is_empty);
}

static void
moved_cb (FugueSources *self)
{
  for (FugueSlot slot = FUGUE_SLOT_A; slot < FUGUE_N_SLOTS; slot++)
    fugue_source_slot_refresh (self->slots[slot]);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
sources_changed_cb (FugueSources *self,
                    guint         position,
                    guint         n_removed,
                    guint         n_added,
                    GListModel   *sources)
{
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (FugueSource) source = g_list_model_get_item (sources, i);

      g_signal_handlers_disconnect_by_func (source, moved_cb, self);
      g_signal_connect_object (source, "notify::slot", G_CALLBACK (moved_cb), self, G_CONNECT_SWAPPED);
    }
  moved_cb (self);
}

static GtkWidget *
pane_title_new (const char *text)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_HEADING,
                                   "label", text, "xalign", 0.0, NULL);

  gtk_widget_add_css_class (label, "fugue-pane-title");
  return label;
}

static void
build_tray (FugueSources *self,
            GtkBox       *box,
            FugueIntake  *intake)
{
  GtkEventController *key = gtk_event_controller_key_new ();

  self->tray_title = pane_title_new (_("Tray"));
  self->tray = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_max_children_per_line (self->tray, 12);
  gtk_flow_box_set_homogeneous (self->tray, TRUE);
  gtk_flow_box_set_activate_on_single_click (self->tray, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->tray), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Tray"), -1);
  g_signal_connect_swapped (self->tray, "child-activated", G_CALLBACK (tray_activated_cb), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (tray_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->tray), key);
  fugue_intake_add_drop_target (intake, GTK_WIDGET (self->tray), FUGUE_SLOT_TRAY);
  gtk_box_append (box, self->tray_title);
  gtk_box_append (box, GTK_WIDGET (self->tray));

  self->filter = GTK_FILTER (gtk_custom_filter_new (is_in_tray, NULL, NULL));
  self->in_tray = gtk_filter_list_model_new (g_object_ref (fugue_session_get_sources (self->session)),
                                             g_object_ref (self->filter));
  gtk_flow_box_bind_model (self->tray, G_LIST_MODEL (self->in_tray), create_tray_child_cb, NULL, NULL);
  g_signal_connect_object (self->in_tray, "items-changed", G_CALLBACK (tray_changed_cb), self, G_CONNECT_SWAPPED);
  tray_changed_cb (self);
}

static void
fugue_sources_dispose (GObject *object)
{
  FugueSources *self = FUGUE_SOURCES (object);

  g_clear_pointer (&self->title, gtk_widget_unparent);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_object (&self->in_tray);
  g_clear_object (&self->filter);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (fugue_sources_parent_class)->dispose (object);
}

static void
fugue_sources_class_init (FugueSourcesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fugue_sources_dispose;

  signals[CHOSEN] = g_signal_new ("chosen", FUGUE_TYPE_SOURCES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, FUGUE_TYPE_SOURCE);

  gtk_widget_class_set_css_name (widget_class, "sources");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
fugue_sources_init (FugueSources *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Sources"), -1);
}

GtkWidget *
fugue_sources_new (FugueSession  *session,
                   FugueControls *controls,
                   FugueIntake   *intake)
{
  FugueSources *self = g_object_new (FUGUE_TYPE_SOURCES, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GListModel *sources = fugue_session_get_sources (session);

  self->session = g_object_ref (session);
  self->title = pane_title_new (_("Sources"));
  gtk_widget_set_parent (self->title, GTK_WIDGET (self));
  for (FugueSlot slot = FUGUE_SLOT_A; slot < FUGUE_N_SLOTS; slot++)
    {
      GtkWidget *child = fugue_source_slot_new (session, controls, intake, slot);

      self->slots[slot] = FUGUE_SOURCE_SLOT (child);
      g_signal_connect_swapped (child, "chosen", G_CALLBACK (chosen_cb), self);
      gtk_box_append (GTK_BOX (box), child);
    }
  build_tray (self, GTK_BOX (box), intake);

  self->scrolled = gtk_scrolled_window_new ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scrolled), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Sources"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), box);
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));

  g_signal_connect_object (sources, "items-changed", G_CALLBACK (sources_changed_cb), self, G_CONNECT_SWAPPED);
  sources_changed_cb (self, 0, 0, g_list_model_get_n_items (sources), sources);
  return GTK_WIDGET (self);
}

FugueSource *
fugue_sources_get_focused (FugueSources *self)
{
  GtkRoot *root;
  GtkWidget *focus;
  GtkWidget *place;

  g_return_val_if_fail (FUGUE_IS_SOURCES (self), NULL);

  root = gtk_widget_get_root (GTK_WIDGET (self));
  focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return NULL;

  place = FUGUE_IS_SOURCE_SLOT (focus) ? focus : gtk_widget_get_ancestor (focus, FUGUE_TYPE_SOURCE_SLOT);
  if (place != NULL)
    return fugue_source_slot_get_source (FUGUE_SOURCE_SLOT (place));
  return GTK_IS_FLOW_BOX_CHILD (focus) ? g_object_get_data (G_OBJECT (focus), "fugue-source") : NULL;
}

void
fugue_sources_show_weights (FugueSources *self,
                            gboolean      shown)
{
  g_return_if_fail (FUGUE_IS_SOURCES (self));

  for (FugueSlot slot = FUGUE_SLOT_A; slot < FUGUE_N_SLOTS; slot++)
    fugue_source_slot_show_weight (self->slots[slot], shown);
}
