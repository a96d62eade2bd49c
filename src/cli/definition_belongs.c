/* cli/definition_belongs.c - what belongs to a project as a whole, as its files have it: settings,
 * resource groups and files, folders, members; and permissions. */
#include "cli/definition_int.h"

#include <stdlib.h>
#include <string.h>

const struct shape definition_permission[] = { TEXT("User"), TEXT("Role"), END };
const struct shape definition_project[] = {
    { "Format", SHAPE_NUMBER, true, true, NULL, SHAPE_NO_NUMBER, NULL },
    TEXT_KEPT("ProjectOwnerUin"),
    TEXT_KEPT("Description"),
    { "Status", SHAPE_NUMBER, false, false, NULL, SHAPE_NO_NUMBER, NULL, true },
    END
};
const struct shape definition_group[] = { TEXT_SHOWN("ResourceGroupType", "Schedule"),
                                          { "Number", SHAPE_NUMBER, true, true, NULL,
                                            SHAPE_NO_NUMBER, NULL },
                                          TEXT("Description"),
                                          TEXT("ResourceRegion"),
                                          TEXT("VpcId"),
                                          TEXT("SubNet"),
                                          { "Associated", SHAPE_FLAG, false, false, NULL, 0, NULL },
                                          END };
const struct shape definition_resource[] = { TEXT_KEPT("CosRegion"), TEXT("BundleId"),
                                             TEXT("BundleInfo"),     TEXT("ContentFile"),
                                             TEXT("Digest"),         END };
const struct shape definition_folder[] = { PERMISSIONS, END };
const struct shape definition_member[] = { { "Roles", SHAPE_TEXTS, true, true, NULL, 0, NULL },
                                           END };

static enum err_code wrong(const char *path, const char *what, struct err *e)
{
    err_set(e, E_RANGE, "%s", what);
    err_prefix(e, path);
    return E_RANGE;
}

static enum err_code check_permissions(const json_t *list, struct err *e)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        char path[40];
        snprintf(path, sizeof(path), "Permissions.%zu", i);
        if (json_object_size(item) != 1)
            return wrong(path, "it names one User (an account), or one Role", e);
    }
    return E_OK;
}

enum err_code definition_check_belongs(enum definition_kind kind, const json_t *value,
                                       struct err *e)
{
    const json_t *status = json_object_get(value, "Status"),
                 *number = json_object_get(value, "Number");

    if (kind == DEFINITION_PROJECT && status && json_integer_value(status) != 0 &&
        json_integer_value(status) != 1)
        return wrong("Status", "it must be 1 (enabled) or 0 (disabled)", e);
    if (kind == DEFINITION_GROUP && json_integer_value(number) < 1)
        return wrong("Number", "a group has at least one slot", e);
    if (kind == DEFINITION_RESOURCE && !json_object_get(value, "ContentFile"))
        return wrong("ContentFile", "it is missing: the name of the file that has the bytes", e);
    return check_permissions(json_object_get(value, "Permissions"), e);
}

/* ---- order --------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    json_t *const *x = a, *const *y = b;
    char *m = json_dumps(*x, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY),
         *n = json_dumps(*y, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    int order = strcmp(m, n);

    free(m); /* lint: jansson's own memory */
    free(n); /* lint: jansson's own memory */
    return order;
}

void definition_sort(json_t *value)
{
    static const char *const lists[] = { "Roles", "Permissions" };

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        json_t *list = json_object_get(value, lists[i]), *sorted = json_array();
        size_t n = json_array_size(list);
        json_t **items = mem_alloc((n + 1) * sizeof(json_t *));
        for (size_t k = 0; k < n; k++)
            items[k] = json_array_get(list, k);
        qsort(items, n, sizeof(json_t *), by_text);
        for (size_t k = 0; k < n; k++)
            json_array_append(sorted, items[k]);
        if (list)
            json_object_set(value, lists[i], sorted);
        json_decref(sorted);
        mem_free(items);
    }
}
