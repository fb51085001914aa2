/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-shortcut-keys.h"

#include <glib/gi18n.h>

#include "fugue-settings.h"

#define GROUP "shortcuts"

/* What stands between a letter and being typed. */
#define COMMAND_MASK (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)

struct _FugueShortcutKeys
{
  GObject     parent_instance;

  char       *path;
  GHashTable *custom;       /* action → keys */
  GHashTable *yielded;      /* action → what a person left it of the table's; those alone that lost some */
  gboolean    letters_move;
};

enum
{
  PROP_LETTERS_MOVE = 1,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static guint changed_signal;

G_DEFINE_FINAL_TYPE (FugueShortcutKeys, fugue_shortcut_keys, G_TYPE_OBJECT)

/* Those of the table. */
static const char *
get_own (FugueShortcutKeys   *self,
         const FugueShortcut *shortcut)
{
  return self->letters_move && shortcut->keys_with_moves != NULL ? shortcut->keys_with_moves : shortcut->keys;
}

const char *
fugue_shortcut_keys_get (FugueShortcutKeys   *self,
                         const FugueShortcut *shortcut)
{
  const char *keys = NULL;

  g_return_val_if_fail (FUGUE_IS_SHORTCUT_KEYS (self), "");

  if (shortcut->action != NULL)
    keys = g_hash_table_lookup (self->custom, shortcut->action);
  if (keys == NULL && shortcut->action != NULL)
    keys = g_hash_table_lookup (self->yielded, shortcut->action);
  return keys != NULL ? keys : get_own (self, shortcut);
}

char *
fugue_shortcut_keys_dup_label (FugueShortcutKeys   *self,
                               const FugueShortcut *shortcut)
{
  g_auto (GStrv) keys = g_strsplit (fugue_shortcut_keys_get (self, shortcut), " ", -1);
  g_autoptr (GString) label = g_string_new (NULL);
  guint keyval;
  GdkModifierType state;

  for (guint i = 0; keys[i] != NULL; i++)
    if (gtk_accelerator_parse (keys[i], &keyval, &state))
      {
        g_autofree char *one = gtk_accelerator_get_label (keyval, state);

        g_string_append_printf (label, "%s%s", label->len > 0 ? ", " : "", one);
      }
  return g_string_free (g_steal_pointer (&label), FALSE);
}

/* ---- what may be ---- */

static gboolean
same_key (const char *a,
          const char *b)
{
  guint keyval_a, keyval_b;
  GdkModifierType state_a, state_b;

  return gtk_accelerator_parse (a, &keyval_a, &state_a) && gtk_accelerator_parse (b, &keyval_b, &state_b)
         && gdk_keyval_to_lower (keyval_a) == gdk_keyval_to_lower (keyval_b) && state_a == state_b;
}

/* Who has a key already. Those of widgets count where they are the window's own, like F10; the others act in one place alone. */
static const FugueShortcut *
find_owner (FugueShortcutKeys   *self,
            const FugueShortcut *but,
            const char          *key)
{
  guint n;
  const FugueShortcut *all = fugue_shortcuts_get (&n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) keys = g_strsplit (fugue_shortcut_keys_get (self, &all[i]), " ", -1);

      if (&all[i] == but || (all[i].action == NULL && all[i].section != FUGUE_SHORTCUTS_GENERAL))
        continue;
      for (guint k = 0; keys[k] != NULL; k++)
        if (same_key (keys[k], key))
          return &all[i];
    }
  return NULL;
}

static gboolean
check_key (FugueShortcutKeys   *self,
           const FugueShortcut *shortcut,
           const char          *key,
           GError             **error)
{
  const FugueShortcut *owner;
  g_autofree char *label = NULL;
  guint keyval;
  GdkModifierType state;

  if (!gtk_accelerator_parse (key, &keyval, &state))
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, _("“%s” is no key that can be used."), key);
      return FALSE;
    }
  label = gtk_accelerator_get_label (keyval, state);
  if (shortcut->kind == FUGUE_SHORTCUT_ANYWHERE && !(state & COMMAND_MASK) && gdk_keyval_to_unicode (keyval) >= ' ')
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   _("%s would act while you type, since “%s” acts everywhere; add Ctrl or Alt."), label, _(shortcut->title));
      return FALSE;
    }
  owner = find_owner (self, shortcut, key);
  if (owner != NULL)
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   _("%s is the key of “%s” already; give that one another key first."), label, _(owner->title));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check (FugueShortcutKeys   *self,
       const FugueShortcut *shortcut,
       const char          *text,
       GError             **error)
{
  g_auto (GStrv) keys = g_strsplit (text, " ", -1);

  for (guint i = 0; keys[i] != NULL; i++)
    if (!check_key (self, shortcut, keys[i], error))
      return FALSE;
  return TRUE;
}

/* ---- what a person's keys are taken from ---- */

static gboolean
is_custom (FugueShortcutKeys *self,
           const char        *key)
{
  GHashTableIter iter;
  gpointer keys;

  g_hash_table_iter_init (&iter, self->custom);
  while (g_hash_table_iter_next (&iter, NULL, &keys))
    {
      g_auto (GStrv) list = g_strsplit (keys, " ", -1);

      for (guint i = 0; list[i] != NULL; i++)
        if (same_key (list[i], key))
          return TRUE;
    }
  return FALSE;
}

static void
update_yielded (FugueShortcutKeys *self)
{
  guint n;
  const FugueShortcut *all = fugue_shortcuts_get (&n);

  g_hash_table_remove_all (self->yielded);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) keys = g_strsplit (get_own (self, &all[i]), " ", -1);
      g_autoptr (GStrvBuilder) left = g_strv_builder_new ();
      g_auto (GStrv) list = NULL;

      if (all[i].action == NULL || g_hash_table_contains (self->custom, all[i].action))
        continue;
      for (guint k = 0; keys[k] != NULL; k++)
        if (!is_custom (self, keys[k]))
          g_strv_builder_add (left, keys[k]);
      list = g_strv_builder_end (left);
      if (g_strv_length (list) < g_strv_length (keys))
        g_hash_table_insert (self->yielded, g_strdup (all[i].action), g_strjoinv (" ", list));
    }
}

static void
keys_changed (FugueShortcutKeys *self)
{
  update_yielded (self);
  g_signal_emit (self, changed_signal, 0);
}

/* ---- the file ---- */

/* Somebody may have given keys that are free only where letters move, or only where they don't. */
static gboolean
check_either_way (FugueShortcutKeys   *self,
                  const FugueShortcut *shortcut,
                  GError             **error)
{
  gboolean letters_move = self->letters_move;
  gboolean fits;

  self->letters_move = !letters_move;
  fits = check (self, shortcut, fugue_shortcut_keys_get (self, shortcut), NULL);
  self->letters_move = letters_move;
  return fits || check (self, shortcut, fugue_shortcut_keys_get (self, shortcut), error);
}

static void
load (FugueShortcutKeys *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) actions = NULL;

  /* Without one the table stands. */
  g_key_file_load_from_file (file, self->path, G_KEY_FILE_NONE, NULL);
  actions = g_key_file_get_keys (file, GROUP, NULL, NULL);
  /* In two turns: a key that an action lost may be another's. */
  for (guint i = 0; actions != NULL && actions[i] != NULL; i++)
    if (fugue_shortcuts_find (actions[i]) != NULL)
      g_hash_table_insert (self->custom, g_strdup (actions[i]), g_key_file_get_string (file, GROUP, actions[i], NULL));
  for (guint i = 0; actions != NULL && actions[i] != NULL; i++)
    {
      const FugueShortcut *shortcut = fugue_shortcuts_find (actions[i]);
      g_autoptr (GError) error = NULL;

      if (shortcut == NULL)
        g_message ("%s: there is no action “%s”", self->path, actions[i]);
      else if (!check_either_way (self, shortcut, &error))
        {
          g_message ("%s: %s", self->path, error->message);
          g_hash_table_remove (self->custom, actions[i]);
        }
    }
  update_yielded (self);
}

static gboolean
save (FugueShortcutKeys *self,
      GError           **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *folder = g_path_get_dirname (self->path);
  GHashTableIter iter;
  gpointer action, keys;

  g_hash_table_iter_init (&iter, self->custom);
  while (g_hash_table_iter_next (&iter, &action, &keys))
    g_key_file_set_string (file, GROUP, action, keys);
  g_mkdir_with_parents (folder, 0700);
  return g_key_file_save_to_file (file, self->path, error);
}

gboolean
fugue_shortcut_keys_set (FugueShortcutKeys   *self,
                         const FugueShortcut *shortcut,
                         const char          *keys,
                         GError             **error)
{
  g_return_val_if_fail (FUGUE_IS_SHORTCUT_KEYS (self), FALSE);
  g_return_val_if_fail (shortcut->action != NULL, FALSE);

  if (!check (self, shortcut, keys != NULL ? keys : get_own (self, shortcut), error))
    return FALSE;
  if (keys == NULL || g_str_equal (keys, get_own (self, shortcut)))
    g_hash_table_remove (self->custom, shortcut->action);
  else
    g_hash_table_insert (self->custom, g_strdup (shortcut->action), g_strdup (keys));
  keys_changed (self);
  return save (self, error);
}

gboolean
fugue_shortcut_keys_reset_all (FugueShortcutKeys *self,
                               GError           **error)
{
  g_return_val_if_fail (FUGUE_IS_SHORTCUT_KEYS (self), FALSE);

  g_hash_table_remove_all (self->custom);
  keys_changed (self);
  return save (self, error);
}

/* ---- the object ---- */

static void
fugue_shortcut_keys_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  if (prop_id == PROP_LETTERS_MOVE)
    g_value_set_boolean (value, FUGUE_SHORTCUT_KEYS (object)->letters_move);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
fugue_shortcut_keys_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  FugueShortcutKeys *self = FUGUE_SHORTCUT_KEYS (object);

  if (prop_id != PROP_LETTERS_MOVE)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      return;
    }
  if (g_value_get_boolean (value) == self->letters_move)
    return;
  self->letters_move = g_value_get_boolean (value);
  keys_changed (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
fugue_shortcut_keys_finalize (GObject *object)
{
  FugueShortcutKeys *self = FUGUE_SHORTCUT_KEYS (object);

  g_free (self->path);
  g_hash_table_unref (self->custom);
  g_hash_table_unref (self->yielded);
  G_OBJECT_CLASS (fugue_shortcut_keys_parent_class)->finalize (object);
}

static void
fugue_shortcut_keys_class_init (FugueShortcutKeysClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fugue_shortcut_keys_get_property;
  object_class->set_property = fugue_shortcut_keys_set_property;
  object_class->finalize = fugue_shortcut_keys_finalize;

  props[PROP_LETTERS_MOVE] = g_param_spec_boolean ("letters-move", NULL, NULL, FALSE,
                                                   G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  changed_signal = g_signal_new ("changed", FUGUE_TYPE_SHORTCUT_KEYS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fugue_shortcut_keys_init (FugueShortcutKeys *self)
{
  self->custom = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->yielded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

FugueShortcutKeys *
fugue_shortcut_keys_new (const char *path)
{
  FugueShortcutKeys *self = g_object_new (FUGUE_TYPE_SHORTCUT_KEYS, NULL);

  self->path = g_strdup (path);
  load (self);
  return self;
}

FugueShortcutKeys *
fugue_shortcut_keys_get_default (void)
{
  static FugueShortcutKeys *keys;

  if (keys == NULL)
    {
      g_autofree char *path = g_build_filename (g_get_user_config_dir (), "fugue", "shortcuts.ini", NULL);

      keys = fugue_shortcut_keys_new (path);
      g_settings_bind (fugue_settings_get_default (), "letters-move", keys, "letters-move", G_SETTINGS_BIND_GET);
    }
  return keys;
}
