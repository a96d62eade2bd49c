/* engine/resource_tree.h - the resource files as tasks see them: DATA/resources/<ProjectId>/...
 *
 * The tree follows the rows.  A command says which place it changed; after the commit, and before
 * anything that was committed with it is told to anybody, the place is made what the rows say.  At
 * the start all of it is.  So a crash leaves nothing wrong that the next start does not mend, and
 * what a refused command said does no harm.  Engine thread.
 */
#ifndef ENGINE_RESOURCE_TREE_H
#define ENGINE_RESOURCE_TREE_H

#include "engine/engine.h"

/* In a command: the file or folder with this path came, changed or went; "/": all of the project.
 */
void resource_tree_changed(struct engine *g, struct str project_id, struct str path);
/* In a command: a folder has another path now. */
void resource_tree_moved(struct engine *g, struct str project_id, struct str from, struct str to);

/* After a commit. */
void resource_tree_follow(struct engine *g);
/* Nothing of what was said was committed. */
void resource_tree_forget(struct engine *g);
/* Between transactions: make the whole tree what the rows say.  What could not be done is tried
 * again later. */
void resource_tree_restore(struct engine *g);
/* Now and then, between transactions: what could not be done, and objects that nobody names. */
void resource_tree_tend(struct engine *g);
struct wall resource_tree_due(const struct engine *g); /* WALL_FAR: there are no files */

/* Where the project's files are, in the engine's arena; empty: there are none. */
struct str resource_tree_folder(struct engine *g, struct str project_id);

#endif
