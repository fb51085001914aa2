/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GtkGridView of 4.8 has no way to focus an item by its position. What it has: the action list.scroll-to-item, which makes sure
 * that the item has a widget after the next layout. So the focus is given in a tick callback, to the parent of the cell, which is the
 * grid's own item widget.
 *
 * Drags start on cells. A rubber band needs empty ground, which lies between and below them.
 */

#include "config.h"

#include "fugue-gallery.h"

#include <glib/gi18n.h>

#include "fugue-cell.h"
#include "fugue-convert.h"
#include "fugue-picture-content.h"
#include "fugue-wrap-box.h"

struct _FugueGallery
{
  GtkWidget             parent_instance;

  /* Template children */
  GtkWidget            *bar;
  GtkToggleButton      *all_button;
  GtkToggleButton      *kept_button;
  GtkToggleButton      *unmarked_button;
  GtkToggleButton      *rejected_button;
  GtkLabel             *count_label;
  GtkDropDown          *sort_drop_down;
  GtkEditable          *search_entry;
  GtkWidget            *area;
  GtkWidget            *scrolled_window;
  GtkLabel             *empty_label;
  GtkGridView          *grid_view;

  /* Owned */
  FugueSession         *session;
  GtkFilter            *filter;
  GtkSorter            *sorter;
  GtkFilterListModel   *filtered;
  GtkSelectionModel    *selection;
  GHashTable           *cells;          /* FuguePicture → FugueCell; borrowed both, while bound */
  GtkWidget            *menu;           /* popover; (nullable) */
  FuguePicture         *wanted;         /* to be focused after the next layout; (nullable) */
  char                 *words;

  guint                 tick;
  guint                 held;           /* Space or B, while it is held; 0 */
  int                   cell_size;
};

enum
{
  CHOSEN,
  CURRENT_CHANGED,
  QUICK_LOOK,
  SOURCE_LOOK,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FugueGallery, fugue_gallery, GTK_TYPE_WIDGET)

/* ---- filter and order ---- */

static FugueFilter
get_filter (FugueGallery *self)
{
  if (gtk_toggle_button_get_active (self->kept_button))
    return FUGUE_FILTER_KEPT;
  if (gtk_toggle_button_get_active (self->unmarked_button))
    return FUGUE_FILTER_UNMARKED;
  if (gtk_toggle_button_get_active (self->rejected_button))
    return FUGUE_FILTER_REJECTED;
  return FUGUE_FILTER_ALL;
}

static gboolean
filter_cb (gpointer item,
           gpointer user_data)
{
  FugueGallery *self = user_data;

  return fugue_picture_matches (item, get_filter (self), self->words);
}

static int
sort_cb (gconstpointer a,
         gconstpointer b,
         gpointer      user_data)
{
  FugueGallery *self = user_data;

  return fugue_picture_compare ((gpointer) a, (gpointer) b, gtk_drop_down_get_selected (self->sort_drop_down));
}

static void
refilter_cb (FugueGallery *self)
{
  g_free (self->words);
  self->words = g_strdup (gtk_editable_get_text (self->search_entry));
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
resort_cb (FugueGallery *self)
{
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

/* Marks and ratings decide what is shown where. The session's list tells of places. */
static void
edited_cb (FugueGallery *self,
           GObject      *object,
           const char   *property)
{
  if (!FUGUE_IS_PICTURE (object))
    return;

  if (get_filter (self) != FUGUE_FILTER_ALL || fugue_picture_is_replaced (FUGUE_PICTURE (object)))
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  if (g_str_equal (property, "rating") && gtk_drop_down_get_selected (self->sort_drop_down) == FUGUE_SORT_RATING)
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
count_cb (FugueGallery *self)
{
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  guint n_all = g_list_model_get_n_items (fugue_session_get_pictures (self->session));
  g_autofree char *text = NULL;

  if (n_shown == n_all)
    text = g_strdup_printf (ngettext ("%u picture", "%u pictures", n_all), n_all);
  else
    text = g_strdup_printf (_("%u of %u pictures"), n_shown, n_all);
  gtk_label_set_text (self->count_label, text);
  gtk_label_set_text (self->empty_label, n_all == 0 ? _("Pictures that are made come here. V varies what is on stage.")
                                                    : _("None of the pictures is like that."));
  gtk_widget_set_visible (GTK_WIDGET (self->empty_label), n_shown == 0);
}

static void
search_stopped_cb (FugueGallery *self)
{
  gtk_editable_set_text (self->search_entry, "");
  fugue_gallery_focus_grid (self);
}

/* ---- cells ---- */

static GdkContentProvider *
drag_prepare_cb (GtkDragSource *source,
                 double         x,
                 double         y,
                 FugueGallery  *self)
{
  FugueCell *cell = FUGUE_CELL (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source)));
  FuguePicture *picture = fugue_cell_get_picture (cell);
  g_autoptr (GPtrArray) selected = NULL;
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();

  if (picture == NULL || fugue_picture_get_state (picture) != FUGUE_PICTURE_FINISHED)
    return NULL;

  /* A selected picture takes the other selected ones with it. */
  selected = fugue_gallery_dup_selected (self);
  g_ptr_array_add (pictures, picture);
  for (guint i = 0; i < selected->len && g_ptr_array_find (selected, picture, NULL); i++)
    if (selected->pdata[i] != picture && fugue_picture_get_state (selected->pdata[i]) == FUGUE_PICTURE_FINISHED)
      g_ptr_array_add (pictures, selected->pdata[i]);
  return fugue_picture_content_new (self->session, pictures);
}

static void
drag_begin_cb (GtkDragSource *source,
               GdkDrag       *drag,
               FugueGallery  *self)
{
  FugueCell *cell = FUGUE_CELL (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source)));
  UnclipImage *thumbnail = fugue_picture_get_thumbnail (fugue_cell_get_picture (cell));

  if (thumbnail != NULL)
    {
      g_autoptr (GdkTexture) texture = fugue_texture_new_from_image (thumbnail);

      gtk_drag_source_set_icon (source, GDK_PAINTABLE (texture), 0, 0);
    }
}

static void
focus_cb (FugueGallery *self)
{
  g_signal_emit (self, signals[CURRENT_CHANGED], 0);
  if (self->held == GDK_KEY_space)
    g_signal_emit (self, signals[QUICK_LOOK], 0, fugue_gallery_get_current (self));
}

/* ---- keys that show something as long as they are held; they repeat meanwhile ---- */

static void
let_go (FugueGallery *self)
{
  if (self->held == GDK_KEY_space)
    g_signal_emit (self, signals[QUICK_LOOK], 0, NULL);
  else if (self->held == GDK_KEY_b)
    g_signal_emit (self, signals[SOURCE_LOOK], 0, FALSE);
  self->held = 0;
}

static gboolean
key_pressed_cb (FugueGallery   *self,
                guint           keyval,
                guint           keycode,
                GdkModifierType state)
{
  if ((keyval != GDK_KEY_space && keyval != GDK_KEY_b) || (state & gtk_accelerator_get_default_mod_mask ()))
    return GDK_EVENT_PROPAGATE;
  if (keyval == self->held)
    return GDK_EVENT_STOP;

  let_go (self);
  self->held = keyval;
  if (keyval == GDK_KEY_space)
    g_signal_emit (self, signals[QUICK_LOOK], 0, fugue_gallery_get_current (self));
  else
    g_signal_emit (self, signals[SOURCE_LOOK], 0, TRUE);
  return GDK_EVENT_STOP;
}

static void
key_released_cb (FugueGallery *self,
                 guint         keyval)
{
  if (keyval == self->held)
    let_go (self);
}

static void
setup_cb (FugueGallery             *self,
          GtkListItem              *item,
          GtkSignalListItemFactory *factory)
{
  GtkWidget *cell = fugue_cell_new ();
  GtkDragSource *drag = gtk_drag_source_new ();

  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY);
  g_signal_connect_object (drag, "prepare", G_CALLBACK (drag_prepare_cb), self, 0);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self, 0);
  gtk_widget_add_controller (cell, GTK_EVENT_CONTROLLER (drag));
  fugue_cell_set_size (FUGUE_CELL (cell), self->cell_size);
  gtk_list_item_set_child (item, cell);
}

static void
bind_cb (FugueGallery             *self,
         GtkListItem              *item,
         GtkSignalListItemFactory *factory)
{
  FugueCell *cell = FUGUE_CELL (gtk_list_item_get_child (item));
  FuguePicture *picture = gtk_list_item_get_item (item);

  fugue_cell_set_size (cell, self->cell_size);
  fugue_cell_set_picture (cell, picture);
  g_hash_table_insert (self->cells, picture, cell);
}

static void
unbind_cb (FugueGallery             *self,
           GtkListItem              *item,
           GtkSignalListItemFactory *factory)
{
  FugueCell *cell = FUGUE_CELL (gtk_list_item_get_child (item));
  FuguePicture *picture = gtk_list_item_get_item (item);

  if (g_hash_table_lookup (self->cells, picture) == cell)
    g_hash_table_remove (self->cells, picture);
  fugue_cell_set_picture (cell, NULL);
}

static void
activate_cb (FugueGallery *self,
             guint         position)
{
  g_autoptr (FuguePicture) picture = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  g_signal_emit (self, signals[CHOSEN], 0, picture);
}

/* ---- where one is ---- */

static FuguePicture *
get_focused (FugueGallery *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *child = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;

  return FUGUE_IS_CELL (child) && gtk_widget_is_ancestor (child, GTK_WIDGET (self))
           ? fugue_cell_get_picture (FUGUE_CELL (child)) : NULL;
}

static guint
find_position (FugueGallery *self,
               FuguePicture *picture)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FuguePicture) item = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (item == picture)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* A text field keeps the focus: somebody is typing. */
static gboolean
may_take_focus (FugueGallery *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return root != NULL && !GTK_IS_EDITABLE (focus) && !GTK_IS_TEXT_VIEW (focus);
}

static gboolean
tick_cb (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       user_data)
{
  FugueGallery *self = FUGUE_GALLERY (widget);
  FugueCell *cell = g_hash_table_lookup (self->cells, self->wanted);

  self->tick = 0;
  if (cell != NULL && may_take_focus (self))
    gtk_widget_grab_focus (gtk_widget_get_parent (GTK_WIDGET (cell)));
  g_clear_object (&self->wanted);
  return G_SOURCE_REMOVE;
}

static void
right_click_cb (GtkGestureClick *gesture,
                int              n_press,
                double           x,
                double           y,
                FugueGallery    *self)
{
  GtkWidget *picked = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  GtkWidget *cell = picked != NULL ? gtk_widget_get_ancestor (picked, FUGUE_TYPE_CELL) : NULL;
  g_autoptr (GPtrArray) selected = NULL;

  if (cell == NULL || self->menu == NULL)
    return;

  selected = fugue_gallery_dup_selected (self);
  if (!g_ptr_array_find (selected, fugue_cell_get_picture (FUGUE_CELL (cell)), NULL))
    fugue_gallery_go_to (self, fugue_cell_get_picture (FUGUE_CELL (cell)), TRUE);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { x, y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static gboolean
menu_key_cb (GtkWidget *widget,
             GVariant  *arguments,
             gpointer   user_data)
{
  FugueGallery *self = FUGUE_GALLERY (widget);
  FuguePicture *picture = fugue_gallery_get_current (self);
  GtkWidget *cell = picture != NULL ? g_hash_table_lookup (self->cells, picture) : NULL;
  graphene_rect_t bounds;

  if (self->menu == NULL || cell == NULL || !gtk_widget_compute_bounds (cell, widget, &bounds))
    return FALSE;

  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle) { bounds.origin.x, bounds.origin.y,
                                                 bounds.size.width, bounds.size.height });
  gtk_popover_popup (GTK_POPOVER (self->menu));
  return TRUE;
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll,
           double                    dx,
           double                    dy,
           FugueGallery             *self)
{
  if (!(gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll)) & GDK_CONTROL_MASK))
    return GDK_EVENT_PROPAGATE;

  gtk_widget_activate_action (GTK_WIDGET (self), dy < 0 ? "win.larger" : "win.smaller", NULL);
  return GDK_EVENT_STOP;
}

static void
fugue_gallery_dispose (GObject *object)
{
  FugueGallery *self = FUGUE_GALLERY (object);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), FUGUE_TYPE_GALLERY);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->session);
  g_clear_object (&self->wanted);
  G_OBJECT_CLASS (fugue_gallery_parent_class)->dispose (object);
}

static void
fugue_gallery_finalize (GObject *object)
{
  FugueGallery *self = FUGUE_GALLERY (object);

  g_hash_table_unref (self->cells);
  g_free (self->words);
  G_OBJECT_CLASS (fugue_gallery_parent_class)->finalize (object);
}

static void
fugue_gallery_class_init (FugueGalleryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fugue_gallery_dispose;
  object_class->finalize = fugue_gallery_finalize;

  signals[CHOSEN] = g_signal_new ("chosen", FUGUE_TYPE_GALLERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, FUGUE_TYPE_PICTURE);
  signals[CURRENT_CHANGED] = g_signal_new ("current-changed", FUGUE_TYPE_GALLERY, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[QUICK_LOOK] = g_signal_new ("quick-look", FUGUE_TYPE_GALLERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, FUGUE_TYPE_PICTURE);
  signals[SOURCE_LOOK] = g_signal_new ("source-look", FUGUE_TYPE_GALLERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_BOOLEAN);

  g_type_ensure (FUGUE_TYPE_WRAP_BOX);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, menu_key_cb, NULL);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/fugue/Fugue/ui/fugue-gallery.ui");
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, bar);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, all_button);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, kept_button);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, unmarked_button);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, rejected_button);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, count_label);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, sort_drop_down);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, search_entry);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, area);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, scrolled_window);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, empty_label);
  gtk_widget_class_bind_template_child (widget_class, FugueGallery, grid_view);
}

static void
connect_bar (FugueGallery *self)
{
  GtkToggleButton *buttons[] = {
    self->all_button, self->kept_button, self->unmarked_button, self->rejected_button,
  };

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    g_signal_connect_swapped (buttons[i], "toggled", G_CALLBACK (refilter_cb), self);
  g_signal_connect_swapped (self->search_entry, "search-changed", G_CALLBACK (refilter_cb), self);
  g_signal_connect_swapped (self->search_entry, "stop-search", G_CALLBACK (search_stopped_cb), self);
  g_signal_connect_swapped (self->search_entry, "activate", G_CALLBACK (fugue_gallery_focus_grid), self);
  g_signal_connect_swapped (self->sort_drop_down, "notify::selected", G_CALLBACK (resort_cb), self);
}

static void
fugue_gallery_init (FugueGallery *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->cells = g_hash_table_new (NULL, NULL);
  self->cell_size = 128;
  gtk_widget_init_template (GTK_WIDGET (self));
  connect_bar (self);

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_grid_view_set_factory (self->grid_view, factory);
  g_signal_connect_swapped (self->grid_view, "activate", G_CALLBACK (activate_cb), self);

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (right_click_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (self->scrolled_window, scroll);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (focus_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (let_go), self);
  gtk_widget_add_controller (GTK_WIDGET (self->grid_view), focus);
  /* Before the cell, which Space would select. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->grid_view), keys);
}

GtkWidget *
fugue_gallery_new (FugueSession *session)
{
  FugueGallery *self = g_object_new (FUGUE_TYPE_GALLERY, NULL);
  GtkSortListModel *sorted;

  self->session = g_object_ref (session);
  self->filter = GTK_FILTER (gtk_custom_filter_new (filter_cb, self, NULL));
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (sort_cb, self, NULL));
  self->filtered = gtk_filter_list_model_new (g_object_ref (fugue_session_get_pictures (session)),
                                              g_object_ref (self->filter));
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->filtered)), g_object_ref (self->sorter));
  self->selection = GTK_SELECTION_MODEL (gtk_multi_selection_new (G_LIST_MODEL (sorted)));
  gtk_grid_view_set_model (self->grid_view, self->selection);

  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (count_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "edited", G_CALLBACK (edited_cb), self, G_CONNECT_SWAPPED);
  count_cb (self);
  return GTK_WIDGET (self);
}

FuguePicture *
fugue_gallery_get_current (FugueGallery *self)
{
  FuguePicture *focused;
  g_autoptr (GtkBitset) selected = NULL;
  g_autoptr (FuguePicture) first = NULL;

  g_return_val_if_fail (FUGUE_IS_GALLERY (self), NULL);

  focused = get_focused (self);
  if (focused != NULL)
    return focused;

  selected = gtk_selection_model_get_selection (self->selection);
  if (gtk_bitset_is_empty (selected))
    return NULL;
  /* The session keeps it. */
  first = g_list_model_get_item (G_LIST_MODEL (self->selection), gtk_bitset_get_minimum (selected));
  return first;
}

GPtrArray *
fugue_gallery_dup_selected (FugueGallery *self)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) selected = NULL;
  FuguePicture *focused;

  g_return_val_if_fail (FUGUE_IS_GALLERY (self), pictures);

  selected = gtk_selection_model_get_selection (self->selection);
  for (guint64 i = 0; i < gtk_bitset_get_size (selected); i++)
    g_ptr_array_add (pictures, g_list_model_get_item (G_LIST_MODEL (self->selection),
                                                      gtk_bitset_get_nth (selected, i)));

  /* The focus may have moved on (Ctrl+arrows) without selecting. */
  focused = get_focused (self);
  if (pictures->len == 0 && focused != NULL)
    g_ptr_array_add (pictures, g_object_ref (focused));
  return pictures;
}

GPtrArray *
fugue_gallery_dup_shown (FugueGallery *self)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  guint n;

  g_return_val_if_fail (FUGUE_IS_GALLERY (self), pictures);

  n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (pictures, g_list_model_get_item (G_LIST_MODEL (self->selection), i));
  return pictures;
}

void
fugue_gallery_go_to (FugueGallery *self,
                     FuguePicture *picture,
                     gboolean      focus)
{
  guint position;

  g_return_if_fail (FUGUE_IS_GALLERY (self));
  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  position = find_position (self, picture);
  if (position == GTK_INVALID_LIST_POSITION)
    {
      gtk_editable_set_text (self->search_entry, "");
      gtk_toggle_button_set_active (self->all_button, TRUE);
      refilter_cb (self);
      position = find_position (self, picture);
    }
  if (position == GTK_INVALID_LIST_POSITION)
    return;

  gtk_selection_model_select_item (self->selection, position, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self->grid_view), "list.scroll-to-item", "u", position);
  if (focus)
    {
      g_set_object (&self->wanted, picture);
      if (self->tick == 0)
        self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
    }
}

FuguePicture *
fugue_gallery_dup_neighbour (FugueGallery *self,
                             int           direction,
                             gboolean      unmarked)
{
  FuguePicture *current;
  guint n;
  gint64 i;

  g_return_val_if_fail (FUGUE_IS_GALLERY (self), NULL);

  current = fugue_gallery_get_current (self);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  i = current != NULL ? (gint64) find_position (self, current) : direction > 0 ? -1 : (gint64) n;
  for (i += direction; i >= 0 && i < n; i += direction)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (!unmarked || fugue_picture_get_mark (picture) == FUGUE_MARK_NONE)
        return g_steal_pointer (&picture);
    }
  return NULL;
}

FuguePicture *
fugue_gallery_dup_after_selection (FugueGallery *self)
{
  g_autoptr (GtkBitset) selected = NULL;

  g_return_val_if_fail (FUGUE_IS_GALLERY (self), NULL);

  selected = gtk_selection_model_get_selection (self->selection);
  if (gtk_bitset_is_empty (selected))
    return fugue_gallery_dup_neighbour (self, 1, FALSE);
  return g_list_model_get_item (G_LIST_MODEL (self->selection), gtk_bitset_get_maximum (selected) + 1);
}

void
fugue_gallery_set_cell_size (FugueGallery *self,
                             int           size)
{
  GHashTableIter iter;
  gpointer cell;

  g_return_if_fail (FUGUE_IS_GALLERY (self));

  self->cell_size = CLAMP (size, FUGUE_CELL_MIN_SIZE, FUGUE_CELL_MAX_SIZE);
  g_hash_table_iter_init (&iter, self->cells);
  while (g_hash_table_iter_next (&iter, NULL, &cell))
    fugue_cell_set_size (cell, self->cell_size);
}

int
fugue_gallery_get_cell_size (FugueGallery *self)
{
  g_return_val_if_fail (FUGUE_IS_GALLERY (self), 0);

  return self->cell_size;
}

void
fugue_gallery_focus_search (FugueGallery *self)
{
  g_return_if_fail (FUGUE_IS_GALLERY (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

gboolean
fugue_gallery_focus_grid (FugueGallery *self)
{
  g_return_val_if_fail (FUGUE_IS_GALLERY (self), FALSE);

  return gtk_widget_child_focus (GTK_WIDGET (self->grid_view), GTK_DIR_TAB_FORWARD);
}

void
fugue_gallery_move (FugueGallery     *self,
                    GtkDirectionType  direction)
{
  g_return_if_fail (FUGUE_IS_GALLERY (self));

  if (get_focused (self) != NULL)
    gtk_widget_child_focus (GTK_WIDGET (self->grid_view), direction);
}

gboolean
fugue_gallery_has_grid_focus (FugueGallery *self)
{
  g_return_val_if_fail (FUGUE_IS_GALLERY (self), FALSE);

  return get_focused (self) != NULL;
}

void
fugue_gallery_set_menu (FugueGallery *self,
                        GMenuModel   *menu)
{
  g_return_if_fail (FUGUE_IS_GALLERY (self));

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}
