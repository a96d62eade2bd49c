/* cli/project_resources.c - the resource files of a project, as a server has them. */
#include "cli/project.h"

#include <string.h>

#include "base/codec.h"

enum { PAGE = 200 };

/* The path behind what every resource file of the project has in front. */
static const char *below_project(const struct session *s, const char *local_path)
{
    size_t prefix = strlen(PROJECT_RESOURCES) + strlen(s->project);

    return strlen(local_path) > prefix ? local_path + prefix : local_path;
}

static json_t *part_params(const struct session *s, const char *id, int64_t offset)
{
    return json_pack("{s:s,s:s,s:I}", "ProjectId", s->project, "ResourceId", id, "Offset",
                     (json_int_t)offset);
}

static int load_one(struct session *s, struct project *p, const char *id)
{
    json_t *response, *part;
    int status =
        session_call(s, VERSION_2025, "GetResourceFile",
                     json_pack("{s:s,s:s}", "ProjectId", s->project, "ResourceId", id), &response);

    if (status != EXIT_DONE)
        return status;
    status = session_call(s, VERSION_WEFT, "ReadResourceFile", part_params(s, id, 0), &part);
    if (status == EXIT_DONE) {
        json_t *data = json_object_get(response, "Data");
        json_object_set(data, "Digest", json_object_get(json_object_get(part, "Data"), "Digest"));
        json_t *normal = shape_normal(definition_shapes[DEFINITION_RESOURCE], data);
        struct project_item *made = project_add(
            p, DEFINITION_RESOURCE, below_project(s, text_of(data, "LocalPath")), normal);
        if (made) {
            made->id = arena_cstr(p->arena, str_from(id));
            made->bucket = arena_cstr(p->arena, str_from(text_of(data, "BucketName")));
        } else {
            json_decref(normal);
        }
        json_decref(part);
    }
    json_decref(response);
    return status;
}

int project_load_resources(struct session *s, struct project *p)
{
    json_t *items, *item;
    size_t i;
    int status = session_items(s, VERSION_2025, "ListResourceFiles",
                               json_pack("{s:s}", "ProjectId", s->project), PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item)
    {
        status = load_one(s, p, text_of(item, "ResourceId"));
        if (status != EXIT_DONE)
            break;
    }
    json_decref(items);
    return status;
}

int project_fetch_resource(struct session *s, const struct project_item *item, struct buf *out)
{
    json_t *response;
    int status = EXIT_DONE;

    for (int64_t offset = 0; offset >= 0 && status == EXIT_DONE;) {
        status = session_call(s, VERSION_WEFT, "ReadResourceFile", part_params(s, item->id, offset),
                              &response);
        if (status != EXIT_DONE)
            return status;
        const json_t *data = json_object_get(response, "Data"),
                     *next = json_object_get(data, "NextOffset");
        if (!base64_decode(out, str_from(text_of(data, "Content"))) || out->overflow)
            status = session_fail(s, EXIT_REFUSED, "resource file %s cannot be read here: %s",
                                  item->name, out->overflow ? "it is too large" : "no base64");
        offset = json_is_integer(next) ? (int64_t)json_integer_value(next) : -1;
        json_decref(response);
    }
    return status;
}
