/* test/api/t_folder_random.c - random makings, renamings and deletions of workflow folders against
 * a tree of names: the stored paths are always those that the tree gives. */
#include "act_harness.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"

enum { NODES = 400, OPS = 600 };

/* Node 0 is the root.  A workflow is a leaf that is no folder. */
struct node {
    int parent;
    char name[12], id[40];
    bool alive, is_workflow;
};

static struct harness h;
static char project[32];
static struct node nodes[NODES];
static int n_nodes;

static void path_of(int at, char *out, size_t size)
{
    char rest[512] = "";

    for (; at > 0; at = nodes[at].parent) {
        char longer[600];
        snprintf(longer, sizeof(longer), "/%s%s", nodes[at].name, rest);
        snprintf(rest, sizeof(rest), "%.500s", longer);
    }
    snprintf(out, size, "%s", rest[0] ? rest : "/");
}

static int depth_of(int at)
{
    int depth = 0;

    for (; at > 0; at = nodes[at].parent)
        depth++;
    return depth;
}

static bool has_child(int at)
{
    for (int i = 1; i < n_nodes; i++)
        if (nodes[i].alive && nodes[i].parent == at)
            return true;
    return false;
}

static bool is_taken(int parent, const char *name, int but)
{
    for (int i = 1; i < n_nodes; i++)
        if (i != but && nodes[i].alive && !nodes[i].is_workflow && nodes[i].parent == parent &&
            strcmp(nodes[i].name, name) == 0)
            return true;
    return false;
}

/* A living folder, 0 the root; -1: none was hit. */
static int pick(struct prng *p, bool with_root)
{
    int at = (int)prng_below(p, (uint64_t)n_nodes);

    if (at == 0)
        return with_root ? 0 : -1;
    return nodes[at].alive && !nodes[at].is_workflow ? at : -1;
}

static void expect(enum err_code got, enum err_code wanted, const char *what)
{
    if (got != wanted)
        fail_msg("%s: %s instead of %s", what, err_code_name(got), err_code_name(wanted));
}

static void make(struct prng *p, bool is_workflow)
{
    static const char *const names[] = { "a", "b", "ab", "abc" };
    int parent = pick(p, true);
    struct node *x = &nodes[n_nodes];
    char path[600], body[900];
    struct err e = ERR_INIT;

    if (parent < 0 || n_nodes == NODES || depth_of(parent) > 8)
        return;
    *x = (struct node){ .parent = parent, .is_workflow = is_workflow, .alive = true };
    if (is_workflow)
        snprintf(x->name, sizeof(x->name), "w%d", n_nodes);
    else
        strcpy(x->name, names[prng_below(p, ARRAY_LEN(names))]);
    path_of(parent, path, sizeof(path));
    snprintf(body, sizeof(body), "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"%s\",\"%s\":\"%s\"}",
             project, path, is_workflow ? "WorkflowName" : "FolderName", x->name);
    if (!is_workflow && is_taken(parent, x->name, -1)) {
        expect(harness_try(&h, API_2025, "CreateWorkflowFolder", body, &e), E_EXISTS, "create");
        return;
    }
    json_t *r =
        harness_ok(&h, API_2025, is_workflow ? "CreateWorkflow" : "CreateWorkflowFolder", body);
    strcpy(x->id, str_at(r, is_workflow ? "Data.WorkflowId" : "Data.FolderId"));
    json_decref(r);
    n_nodes++;
}

static void rename_one(struct prng *p)
{
    static const char *const names[] = { "a", "b", "ab", "abc", "z" };
    int at = pick(p, false);
    const char *name = names[prng_below(p, ARRAY_LEN(names))];
    char body[300];
    struct err e = ERR_INIT;

    if (at < 0)
        return;
    snprintf(body, sizeof(body), "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"FolderName\":\"%s\"}",
             project, nodes[at].id, name);
    bool taken = is_taken(nodes[at].parent, name, at);
    expect(harness_try(&h, API_2025, "UpdateWorkflowFolder", body, &e), taken ? E_EXISTS : E_OK,
           "rename");
    if (!taken)
        strcpy(nodes[at].name, name);
}

static void delete_one(struct prng *p)
{
    int at = pick(p, false);
    char body[300];
    struct err e = ERR_INIT;

    if (at < 0)
        return;
    snprintf(body, sizeof(body), "{\"ProjectId\":\"%s\",\"FolderId\":\"%s\"}", project,
             nodes[at].id);
    bool full = has_child(at);
    expect(harness_try(&h, API_2025, "DeleteWorkflowFolder", body, &e), full ? E_CONFLICT : E_OK,
           "delete");
    if (!full)
        nodes[at].alive = false;
}

static void compare_all(void)
{
    char path[600];

    for (int i = 1; i < n_nodes; i++) {
        if (!nodes[i].alive)
            continue;
        bool w = nodes[i].is_workflow;
        json_t *r = harness_okf(&h, API_2025, w ? "GetWorkflow" : "GetWorkflowFolder",
                                "{\"ProjectId\":\"%s\",\"%s\":\"%s\"}", project,
                                w ? "WorkflowId" : "FolderId", nodes[i].id);
        path_of(i, path, sizeof(path));
        assert_string_equal(str_at(r, w ? "Data.Path" : "Data.FolderPath"), path);
        if (!w) {
            path_of(nodes[i].parent, path, sizeof(path));
            assert_string_equal(str_at(r, "Data.ParentFolderPath"), path);
        }
        json_decref(r);
    }
}

static void run_seed(uint64_t seed)
{
    struct prng p;

    prng_init(&p, seed);
    harness_init(&h);
    harness_project(&h, "p", project);
    memset(nodes, 0, sizeof(nodes));
    nodes[0].alive = true;
    n_nodes = 1;
    for (int i = 0; i < OPS; i++) {
        uint64_t op = prng_below(&p, 10);
        if (op < 4)
            make(&p, false);
        else if (op < 5)
            make(&p, true);
        else if (op < 8)
            rename_one(&p);
        else
            delete_one(&p);
        if (i % 100 == 99)
            compare_all();
    }
    assert_true(n_nodes > 50);
    harness_done(&h);
}

static void test_random_trees__have_the_paths_of_their_names(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++)
        run_seed(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_trees__have_the_paths_of_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
