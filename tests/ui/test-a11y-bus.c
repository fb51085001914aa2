/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The real program as a screen reader meets it: walks the tree on the accessibility bus, in each mode, and asks that everything
 * that can have the focus has a role and a name, without the underscores of mnemonics.
 */

#include "config.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#define REGISTRY_NAME "org.a11y.atspi.Registry"
#define ROOT_PATH     "/org/a11y/atspi/accessible/root"
#define ACCESSIBLE    "org.a11y.atspi.Accessible"

/* Of AT-SPI's states. GTK 4.8 does not tell what is showing, so all pages are checked, shown or not. */
#define STATE_FOCUSABLE 11

/* Deeper than any window. */
#define MAX_DEPTH 64

typedef struct
{
  GDBusConnection *bus;
  guint            n_focusable;
  guint            n_sliders;
  guint            n_bad;
  GHashTable      *labels;      /* set of all names */
} Walk;

static GVariant *
call (GDBusConnection *bus, const char *name, const char *path, const char *interface, const char *method,
      GVariant *arguments, const char *type, GError **error)
{
  return g_dbus_connection_call_sync (bus, name, path, interface, method, arguments, G_VARIANT_TYPE (type),
                                      G_DBUS_CALL_FLAGS_NONE, 10000, NULL, error);
}

static GDBusConnection *
connect_to_bus (void)
{
  g_autoptr (GError)          error = NULL;
  g_autoptr (GDBusConnection) session = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_autoptr (GVariant)        reply = NULL;
  GDBusConnection            *bus;
  const char                 *address;

  g_assert_no_error (error);
  reply = call (session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", NULL, "(s)", &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(&s)", &address);
  bus = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
  g_assert_no_error (error);
  return bus;
}

static char *
dup_name (Walk *walk, const char *name, const char *path)
{
  g_autoptr (GVariant) reply = call (walk->bus, name, path, "org.freedesktop.DBus.Properties", "Get",
                                     g_variant_new ("(ss)", ACCESSIBLE, "Name"), "(v)", NULL);
  g_autoptr (GVariant) value = NULL;

  if (!reply)
    return g_strdup ("");
  g_variant_get (reply, "(v)", &value);
  return g_variant_dup_string (value, NULL);
}

static char *
dup_role (Walk *walk, const char *name, const char *path)
{
  g_autoptr (GVariant) reply = call (walk->bus, name, path, ACCESSIBLE, "GetRoleName", NULL, "(s)", NULL);
  char                *role = NULL;

  if (reply)
    g_variant_get (reply, "(s)", &role);
  return role ? role : g_strdup ("");
}

static guint64
get_states (Walk *walk, const char *name, const char *path)
{
  g_autoptr (GVariant) reply = call (walk->bus, name, path, ACCESSIBLE, "GetState", NULL, "(au)", NULL);
  guint32              low = 0, high = 0;

  if (reply)
    {
      g_autoptr (GVariant) states = g_variant_get_child_value (reply, 0);

      if (g_variant_n_children (states) == 2)
        {
          g_variant_get_child (states, 0, "u", &low);
          g_variant_get_child (states, 1, "u", &high);
        }
    }
  return low | (guint64) high << 32;
}

static void
check (Walk *walk, const char *name, const char *path, const char *trail)
{
  guint64 states = get_states (walk, name, path);

  if (states & (G_GUINT64_CONSTANT (1) << STATE_FOCUSABLE))
    {
      g_autofree char *label = dup_name (walk, name, path);
      g_autofree char *role = dup_role (walk, name, path);

      walk->n_focusable++;
      walk->n_sliders += g_str_equal (role, "slider");
      if (*label == '\0' || strchr (label, '_') || *role == '\0' || g_str_equal (role, "unknown")
          || g_str_equal (role, "invalid"))
        {
          g_test_message ("can have the focus, but is %s \"%s\": %s", role, label, trail);
          walk->n_bad++;
        }
    }
}

static void
walk_tree (Walk *walk, const char *name, const char *path, const char *parents, guint depth)
{
  g_autofree char     *role = dup_role (walk, name, path);
  g_autofree char     *label = dup_name (walk, name, path);
  g_autofree char     *trail = g_strdup_printf ("%s › %s \"%s\"", parents, role, label);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) children = NULL;
  GVariantIter         iter;
  const char          *child_name, *child_path;

  if (depth > MAX_DEPTH)
    return;
  g_hash_table_add (walk->labels, g_strdup (label));
  check (walk, name, path, trail);
  reply = call (walk->bus, name, path, ACCESSIBLE, "GetChildren", NULL, "(a(so))", NULL);
  if (!reply)
    return;
  children = g_variant_get_child_value (reply, 0);
  g_variant_iter_init (&iter, children);
  while (g_variant_iter_next (&iter, "(&s&o)", &child_name, &child_path))
    walk_tree (walk, child_name, child_path, trail, depth + 1);
}

/* The program's root on the bus, once it is there. */
static gboolean
find_program (Walk *walk, char **name, char **path)
{
  g_autoptr (GVariant) reply = call (walk->bus, REGISTRY_NAME, ROOT_PATH, ACCESSIBLE, "GetChildren", NULL, "(a(so))", NULL);
  g_autoptr (GVariant) children = reply ? g_variant_get_child_value (reply, 0) : NULL;

  if (!children || g_variant_n_children (children) == 0)
    return FALSE;
  g_variant_get_child (children, 0, "(so)", name, path);
  return TRUE;
}

static void
press (const char *key)
{
  const char *const   arguments[] = { "xdotool", "key", key, NULL };
  g_autoptr (GError)  error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, &error);

  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

/* @language: (nullable): a code, such as "de" */
static GSubprocess *
start_program (const char *language)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char     *picture = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "star.png", NULL);
  const char *const    focus[] = { "xdotool", "search", "--sync", "--onlyvisible", "--name", "", "windowfocus", NULL };
  g_autoptr (GError)   error = NULL;
  GSubprocess         *program;
  g_autoptr (GSubprocess) finder = NULL;

  if (language)
    g_subprocess_launcher_setenv (launcher, "LANGUAGE", language, TRUE);
  program = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("FUGUE_PROGRAM"), picture, NULL);
  g_assert_no_error (error);
  finder = g_subprocess_newv (focus, G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  g_subprocess_wait (finder, NULL, NULL);
  return program;
}

static void
test_names (void)
{
  static const char *const modes[] = { "alt+1", "alt+2", "alt+3", "alt+4" };
  g_autoptr (GSubprocess)  program = start_program (NULL);
  g_autoptr (GHashTable)   labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Walk                     walk = { .bus = connect_to_bus (), .labels = labels };
  g_autofree char         *name = NULL;
  g_autofree char         *path = NULL;

  for (guint turn = 0; turn < 300 && !find_program (&walk, &name, &path); turn++)
    g_usleep (100000);
  g_assert_nonnull (name);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      guint sliders_before = walk.n_sliders;

      press (modes[i]);
      g_usleep (1500000);
      walk_tree (&walk, name, path, modes[i], 0);
      /* Each mode has some of its own: that it was really walked. */
      g_assert_cmpuint (walk.n_sliders, >, sliders_before);
    }
  g_test_message ("%u can have the focus, %u of them sliders", walk.n_focusable, walk.n_sliders);
  g_assert_cmpuint (walk.n_bad, ==, 0);

  g_subprocess_send_signal (program, SIGTERM);
  g_subprocess_wait (program, NULL, NULL);
  g_object_unref (walk.bus);
}

/* Labels of buttons, of rows, of what is made of parts and of what comes from a .ui file, in German and not in English too. */
static void
test_german (void)
{
  static const struct { const char *german, *english; } words[] = {
    { "Öffnen", "Open" }, { "Variieren", "Vary" }, { "Vorlagen", "Sources" }, { "Wie weit", "How far" },
    { "Hilfe zu Wie weit", "Help on How far" }, { "Bilder suchen", "Find pictures" }, { "Anhalten", "Stop" },
  };
  g_autoptr (GSubprocess) program = start_program ("de");
  g_autoptr (GHashTable)  labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Walk                    walk = { .bus = connect_to_bus (), .labels = labels };
  g_autofree char        *name = NULL;
  g_autofree char        *path = NULL;

  for (guint turn = 0; turn < 300 && !g_hash_table_contains (labels, words[0].german); turn++)
    {
      g_usleep (100000);
      if (name || find_program (&walk, &name, &path))
        walk_tree (&walk, name, path, "de", 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_test_message ("%s", words[i].german);
      g_assert_true (g_hash_table_contains (labels, words[i].german));
      g_assert_false (g_hash_table_contains (labels, words[i].english));
    }
  g_assert_cmpuint (walk.n_bad, ==, 0);

  g_subprocess_send_signal (program, SIGTERM);
  g_subprocess_wait (program, NULL, NULL);
  g_object_unref (walk.bus);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/a11y-bus/names", test_names);
  g_test_add_func ("/ui/a11y-bus/german", test_german);
  return g_test_run ();
}
