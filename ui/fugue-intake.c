/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-intake.h"

#include <glib/gi18n.h>

#include "fugue-convert.h"
#include "fugue-source-slot.h"

struct _FugueIntake
{
  GObject        parent_instance;

  /* Owned */
  FugueSession  *session;
  GCancellable  *cancellable;

  /* Slots that pictures on their way will take, one bit each */
  guint          promised;

  FugueSlot      hovered;
  FugueIntakeUse hover_use;
  gpointer       over;        /* drop target of that; only compared */
};

enum
{
  PROP_0,
  PROP_HOVERED,
  PROP_HOVER_USE,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

enum
{
  ARRIVED,
  RECIPE,
  FOLDER,
  FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FugueIntake, fugue_intake, G_TYPE_OBJECT)

/* One thing on its way in. */
typedef struct
{
  FugueIntake    *intake;     /* owned */
  FugueSlot       slot;
  FugueIntakeUse  use;
  GFile          *file;       /* owned; (nullable) */
  gboolean        is_first;   /* of those that came together */
  FugueImport    *import;     /* owned; (nullable) */
  UnclipImage    *image;      /* owned; (nullable) */
} Arrival;

/* Where something for @slot goes. */
static FugueSlot
resolve_slot (FugueIntake *self,
              FugueSlot    slot)
{
  if (slot != FUGUE_SLOT_FREE)
    return slot;

  for (FugueSlot s = FUGUE_SLOT_A; s < FUGUE_N_SLOTS; s++)
    if (fugue_session_get_slot (self->session, s) == NULL && !(self->promised & (1u << s)))
      return s;
  return FUGUE_SLOT_TRAY;
}

static Arrival *
arrival_new (FugueIntake    *self,
             FugueSlot       slot,
             FugueIntakeUse  use)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->intake = g_object_ref (self);
  arrival->use = use;
  arrival->slot = resolve_slot (self, slot);
  arrival->is_first = TRUE;
  if (arrival->slot < FUGUE_N_SLOTS)
    self->promised |= 1u << arrival->slot;
  return arrival;
}

static void
arrival_free (Arrival *arrival)
{
  if (arrival->slot < FUGUE_N_SLOTS)
    arrival->intake->promised &= ~(1u << arrival->slot);
  g_clear_object (&arrival->intake);
  g_clear_object (&arrival->file);
  g_clear_pointer (&arrival->import, fugue_import_free);
  g_clear_pointer (&arrival->image, unclip_image_unref);
  g_free (arrival);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Arrival, arrival_free)

static void
report (FugueIntake  *self,
        const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

static gboolean
has_recipe (const FugueImport *import)
{
  return import != NULL && (import->recipe != NULL || import->caption != NULL || import->has_seed
                            || import->message != NULL);
}

static void
added_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (Arrival) arrival = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FugueSource) source = fugue_session_add_finish (FUGUE_SESSION (object), result, &error);

  if (source == NULL)
    {
      report (arrival->intake, error);
      return;
    }
  if (g_cancellable_is_cancelled (arrival->intake->cancellable))
    return;

  g_signal_emit (arrival->intake, signals[ARRIVED], 0, source, arrival->is_first);
  if (has_recipe (arrival->import))
    g_signal_emit (arrival->intake, signals[RECIPE], 0, arrival->import, source, arrival->use);
}

static void
imported_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (Arrival) arrival = user_data;
  FugueIntake *self = arrival->intake;
  g_autoptr (GError) error = NULL;

  arrival->import = fugue_import_finish (result, &error);
  if (arrival->file != NULL && g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR))
    {
      g_signal_emit (self, signals[FOLDER], 0, arrival->file);
      return;
    }
  if (arrival->import == NULL)
    {
      report (self, error);
      return;
    }
  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (arrival->import->image == NULL || (arrival->use == FUGUE_INTAKE_SETTINGS && has_recipe (arrival->import)))
    {
      g_signal_emit (self, signals[RECIPE], 0, arrival->import, NULL, FUGUE_INTAKE_SETTINGS);
      return;
    }
  fugue_session_add_image_async (self->session, arrival->import->image, arrival->import->name, arrival->slot,
                                 self->cancellable, added_cb, arrival);
  arrival = NULL;
}

void
fugue_intake_take_files (FugueIntake    *self,
                         GListModel     *files,
                         FugueSlot       slot,
                         FugueIntakeUse  use)
{
  guint n;

  g_return_if_fail (FUGUE_IS_INTAKE (self));

  n = g_list_model_get_n_items (files);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      const char *path = g_file_peek_path (file);
      Arrival *arrival;

      if (path == NULL)
        {
          g_autofree char *uri = g_file_get_uri (file);
          g_autofree char *message = g_strdup_printf (_("%s is not on this computer; save it first, then open it."), uri);

          g_signal_emit (self, signals[FAILED], 0, message);
          continue;
        }
      arrival = arrival_new (self, i == 0 ? slot : FUGUE_SLOT_FREE, use);
      arrival->file = g_object_ref (file);
      arrival->is_first = i == 0;
      fugue_import_file_async (path, self->cancellable, imported_cb, arrival);
    }
}

static void
take_text (FugueIntake    *self,
           const char     *text,
           FugueSlot       slot,
           FugueIntakeUse  use)
{
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  g_auto (GStrv) lines = g_strsplit_set (text, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GFile) file = NULL;

      g_strstrip (lines[i]);
      if (g_path_is_absolute (lines[i]))
        file = g_file_new_for_path (lines[i]);
      else if (g_str_has_prefix (lines[i], "file:"))
        file = g_file_new_for_uri (lines[i]);
      if (file != NULL)
        g_list_store_append (files, file);
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) == 0)
    g_signal_emit (self, signals[FAILED], 0, _("There is no picture in that text."));
  fugue_intake_take_files (self, G_LIST_MODEL (files), slot, use);
}

/* ---- textures: downloaded on another thread, since a large one takes a while ---- */

static void
convert_worker (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  UnclipImage *image = fugue_image_new_from_texture (task_data, &error);

  if (image != NULL)
    g_task_return_pointer (task, image, (GDestroyNotify) unclip_image_unref);
  else
    g_task_return_error (task, error);
}

static void
converted_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (Arrival) arrival = user_data;
  FugueIntake *self = arrival->intake;
  g_autoptr (GError) error = NULL;

  arrival->image = g_task_propagate_pointer (G_TASK (result), &error);
  if (arrival->image == NULL)
    {
      report (self, error);
      return;
    }
  fugue_session_add_image_async (self->session, arrival->image, _("pasted"), arrival->slot,
                                 self->cancellable, added_cb, arrival);
  arrival = NULL;
}

static void
take_texture (FugueIntake *self,
              GdkTexture  *texture,
              FugueSlot    slot)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, converted_cb,
                                       arrival_new (self, slot, FUGUE_INTAKE_ASK));

  g_task_set_source_tag (task, take_texture);
  g_task_set_task_data (task, g_object_ref (texture), g_object_unref);
  g_task_run_in_thread (task, convert_worker);
}

/* What the gallery knows of its picture, as if it had been read from a file. */
static FugueImport *
import_new (FuguePicture *picture)
{
  FugueImport *import = g_new0 (FugueImport, 1);

  import->name = g_strdup (fugue_picture_get_label (picture));
  import->recipe = unclip_recipe_ref (fugue_picture_get_recipe (picture));
  return import;
}

static void
take_picture (FugueIntake    *self,
              FuguePicture   *picture,
              FugueSlot       slot,
              FugueIntakeUse  use)
{
  g_autoptr (FugueImport) import = NULL;
  Arrival *arrival;

  if (use != FUGUE_INTAKE_ASK && fugue_picture_get_recipe (picture) != NULL)
    import = import_new (picture);
  if (import != NULL && use == FUGUE_INTAKE_SETTINGS)
    {
      g_signal_emit (self, signals[RECIPE], 0, import, NULL, use);
      return;
    }
  if (fugue_picture_get_state (picture) != FUGUE_PICTURE_FINISHED)
    {
      g_signal_emit (self, signals[FAILED], 0, _("This picture is not finished yet."));
      return;
    }
  arrival = arrival_new (self, slot, use);
  arrival->import = g_steal_pointer (&import);
  fugue_session_add_picture_async (self->session, picture, arrival->slot, self->cancellable, added_cb, arrival);
}

static void
take_source (FugueIntake *self,
             FugueSource *source,
             FugueSlot    slot)
{
  Arrival *arrival;

  if (fugue_session_find_source_by_id (self->session, fugue_source_get_id (source)) == source)
    {
      fugue_session_move_source (self->session, source, slot == FUGUE_SLOT_FREE ? FUGUE_SLOT_TRAY : slot);
      return;
    }
  /* From another window, whose session knows nothing of ours. */
  arrival = arrival_new (self, slot, FUGUE_INTAKE_ASK);
  fugue_session_copy_source_async (self->session, source, arrival->slot, self->cancellable, added_cb, arrival);
}

gboolean
fugue_intake_take_value (FugueIntake    *self,
                         const GValue   *value,
                         FugueSlot       slot,
                         FugueIntakeUse  use)
{
  g_return_val_if_fail (FUGUE_IS_INTAKE (self), FALSE);

  if (G_VALUE_HOLDS (value, FUGUE_TYPE_PICTURE))
    {
      take_picture (self, g_value_get_object (value), slot, use);
    }
  else if (G_VALUE_HOLDS (value, FUGUE_TYPE_SOURCE))
    {
      take_source (self, g_value_get_object (value), slot);
    }
  else if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

      for (GSList *l = g_value_get_boxed (value); l != NULL; l = l->next)
        g_list_store_append (files, l->data);
      fugue_intake_take_files (self, G_LIST_MODEL (files), slot, use);
    }
  else if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE))
    {
      take_texture (self, g_value_get_object (value), slot);
    }
  else if (G_VALUE_HOLDS_STRING (value))
    {
      take_text (self, g_value_get_string (value), slot, use);
    }
  else
    {
      return FALSE;
    }
  return TRUE;
}

/* ---- the clipboard ---- */

static void
pasted_text_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (FugueIntake) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (object), result, &error);
  g_autoptr (GBytes) bytes = NULL;

  if (text == NULL)
    {
      report (self, error);
      return;
    }

  g_strstrip (text);
  if (text[0] != '{')
    {
      take_text (self, text, FUGUE_SLOT_FREE, FUGUE_INTAKE_ASK);
      return;
    }
  bytes = g_bytes_new (text, strlen (text));
  fugue_import_bytes_async (bytes, _("the clipboard"), self->cancellable, imported_cb,
                            arrival_new (self, FUGUE_SLOT_TRAY, FUGUE_INTAKE_SETTINGS));
}

static void
pasted_value_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (FugueIntake) self = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (object), result, &error);

  if (value == NULL)
    report (self, error);
  else
    fugue_intake_take_value (self, value, FUGUE_SLOT_FREE, FUGUE_INTAKE_ASK);
}

void
fugue_intake_paste (FugueIntake  *self,
                    GdkClipboard *clipboard)
{
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  const GType types[] = { FUGUE_TYPE_PICTURE, GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE };

  g_return_if_fail (FUGUE_IS_INTAKE (self));

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GdkContentFormats) readable = gdk_content_formats_union_deserialize_gtypes (gdk_content_formats_ref (formats));

      if (!gdk_content_formats_contain_gtype (readable, types[i]))
        continue;
      gdk_clipboard_read_value_async (clipboard, types[i], G_PRIORITY_DEFAULT, self->cancellable,
                                      pasted_value_cb, g_object_ref (self));
      return;
    }
  if (gdk_content_formats_contain_gtype (formats, G_TYPE_STRING))
    gdk_clipboard_read_text_async (clipboard, self->cancellable, pasted_text_cb, g_object_ref (self));
  else
    g_signal_emit (self, signals[FAILED], 0, _("There is no picture on the clipboard."));
}

/* ---- drops ---- */

/* Events of drags say nothing of keys, and neither does the pointer meanwhile. A source has no settings. */
static FugueIntakeUse
get_use (GtkDropTarget *target)
{
  GdkDrop *drop = gtk_drop_target_get_current_drop (target);
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (widget));
  GdkDevice *keyboard = seat != NULL ? gdk_seat_get_keyboard (seat) : NULL;
  GdkModifierType state = keyboard != NULL ? gdk_device_get_modifier_state (keyboard) : 0;

  if (drop != NULL && gdk_content_formats_contain_gtype (gdk_drop_get_formats (drop), FUGUE_TYPE_SOURCE))
    return FUGUE_INTAKE_ASK;
  if (state & GDK_CONTROL_MASK)
    return FUGUE_INTAKE_SETTINGS;
  return state & GDK_SHIFT_MASK ? FUGUE_INTAKE_BOTH : FUGUE_INTAKE_ASK;
}

static void
set_hovered (FugueIntake *self,
             FugueSlot    slot)
{
  if (slot == self->hovered)
    return;

  self->hovered = slot;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HOVERED]);
}

static void
set_hover_use (FugueIntake    *self,
               FugueIntakeUse  use)
{
  if (use == self->hover_use)
    return;

  self->hover_use = use;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HOVER_USE]);
}

/* "It" is whatever is dragged: that it has settings is not known before it is let go. */
char *
fugue_intake_dup_hint (FugueIntake *self)
{
  FugueSource *source;
  const char *letter;

  g_return_val_if_fail (FUGUE_IS_INTAKE (self), NULL);

  if (self->hovered == FUGUE_SLOT_NONE)
    return NULL;
  if (self->hover_use == FUGUE_INTAKE_SETTINGS)
    return g_strdup (_("Let go to bring its settings back"));
  if (self->hovered == FUGUE_SLOT_TRAY)
    return g_strdup (self->hover_use == FUGUE_INTAKE_BOTH ? _("Let go to put it in the tray and bring its settings back")
                                                          : _("Let go to put it in the tray"));
  source = fugue_session_get_slot (self->session, self->hovered);
  letter = fugue_slot_get_letter (self->hovered);
  if (source != NULL)
    return g_strdup_printf (self->hover_use == FUGUE_INTAKE_BOTH
                              ? _("Let go to put it in slot %s, in the place of “%s”, and bring its settings back")
                              : _("Let go to put it in slot %s, in the place of “%s”"),
                            letter, fugue_source_get_name (source));
  return g_strdup_printf (self->hover_use == FUGUE_INTAKE_BOTH ? _("Let go to put it in slot %s and bring its settings back")
                                                               : _("Let go to put it in slot %s"),
                          letter);
}

static FugueSlot
get_slot (GtkDropTarget *target)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (target), "fugue-slot"));
}

static GdkDragAction
motion_cb (GtkDropTarget *target,
           double         x,
           double         y,
           FugueIntake   *self)
{
  GdkDrop *drop = gtk_drop_target_get_current_drop (target);

  set_hover_use (self, get_use (target));
  return drop == NULL || (gdk_drop_get_actions (drop) & GDK_ACTION_COPY) ? GDK_ACTION_COPY : GDK_ACTION_MOVE;
}

static GdkDragAction
enter_cb (GtkDropTarget *target,
          double         x,
          double         y,
          FugueIntake   *self)
{
  self->over = target;
  set_hovered (self, resolve_slot (self, get_slot (target)));
  return motion_cb (target, x, y, self);
}

static void
leave_cb (GtkDropTarget *target,
          FugueIntake   *self)
{
  /* The next one may have been entered before. */
  if (self->over == target)
    set_hovered (self, FUGUE_SLOT_NONE);
}

static gboolean
drop_cb (GtkDropTarget *target,
         const GValue  *value,
         double         x,
         double         y,
         FugueIntake   *self)
{
  set_hovered (self, FUGUE_SLOT_NONE);
  return fugue_intake_take_value (self, value, get_slot (target), get_use (target));
}

void
fugue_intake_add_drop_target (FugueIntake *self,
                              GtkWidget   *widget,
                              FugueSlot    slot)
{
  GtkDropTarget *target;
  GType types[] = { FUGUE_TYPE_SOURCE, FUGUE_TYPE_PICTURE, GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE, G_TYPE_STRING };

  g_return_if_fail (FUGUE_IS_INTAKE (self));

  target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY | GDK_ACTION_MOVE);
  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_object_set_data (G_OBJECT (target), "fugue-slot", GINT_TO_POINTER (slot));
  g_signal_connect_object (target, "enter", G_CALLBACK (enter_cb), self, 0);
  g_signal_connect_object (target, "motion", G_CALLBACK (motion_cb), self, 0);
  g_signal_connect_object (target, "leave", G_CALLBACK (leave_cb), self, 0);
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

static void
fugue_intake_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  if (prop_id == PROP_HOVERED)
    g_value_set_enum (value, FUGUE_INTAKE (object)->hovered);
  else if (prop_id == PROP_HOVER_USE)
    g_value_set_int (value, (int) FUGUE_INTAKE (object)->hover_use);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
fugue_intake_dispose (GObject *object)
{
  FugueIntake *self = FUGUE_INTAKE (object);

  g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (fugue_intake_parent_class)->dispose (object);
}

static void
fugue_intake_finalize (GObject *object)
{
  FugueIntake *self = FUGUE_INTAKE (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (fugue_intake_parent_class)->finalize (object);
}

static void
fugue_intake_class_init (FugueIntakeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fugue_intake_get_property;
  object_class->dispose = fugue_intake_dispose;
  object_class->finalize = fugue_intake_finalize;

  props[PROP_HOVERED] = g_param_spec_enum ("hovered", NULL, NULL, FUGUE_TYPE_SLOT, FUGUE_SLOT_NONE,
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_HOVER_USE] = g_param_spec_int ("hover-use", NULL, NULL, FUGUE_INTAKE_ASK, FUGUE_INTAKE_BOTH, FUGUE_INTAKE_ASK,
                                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[ARRIVED] = g_signal_new ("arrived", FUGUE_TYPE_INTAKE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 2, FUGUE_TYPE_SOURCE, G_TYPE_BOOLEAN);
  signals[RECIPE] = g_signal_new ("recipe", FUGUE_TYPE_INTAKE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 3, G_TYPE_POINTER, FUGUE_TYPE_SOURCE, G_TYPE_INT);
  signals[FOLDER] = g_signal_new ("folder", FUGUE_TYPE_INTAKE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_FILE);
  signals[FAILED] = g_signal_new ("failed", FUGUE_TYPE_INTAKE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
fugue_intake_init (FugueIntake *self)
{
  self->cancellable = g_cancellable_new ();
  self->hovered = FUGUE_SLOT_NONE;
}

FugueIntake *
fugue_intake_new (FugueSession *session)
{
  FugueIntake *self = g_object_new (FUGUE_TYPE_INTAKE, NULL);

  self->session = g_object_ref (session);
  return self;
}
