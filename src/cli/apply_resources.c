/* cli/apply_resources.c - carries out what files ask for: resource files. */
#include "cli/apply.h"

#include <string.h>

#include "base/codec.h"
#include "sys/file.h"

enum { PART = 4 << 20 /* bytes of a call */ };

static const char *remote_path(struct apply *a, const struct project_item *want)
{
    return arena_printf(&a->s->arena, "%s%s%s", PROJECT_RESOURCES, a->s->project, want->name).ptr;
}

static int upload_part(struct apply *a, const struct project_item *want, const char *bucket,
                       size_t offset, struct str part)
{
    struct buf text;

    buf_init(&text, 2 * PART);
    base64_encode(&text, part);
    json_t *params = json_pack("{s:s,s:s,s:s,s:I,s:s%}", "ProjectId", a->s->project, "BucketName",
                               bucket, "Path", remote_path(a, want), "Offset", (json_int_t)offset,
                               "Content", text.ptr ? text.ptr : "", text.len);
    buf_done(&text);
    return apply_act(a, want, VERSION_WEFT, "UploadResourceFile", params);
}

/* The bytes into the bucket, from where the server takes them. */
static int upload(struct apply *a, const struct project_item *want, const char *bucket)
{
    struct err e = ERR_INIT;
    struct buf bytes;
    size_t at = 0;
    int status = EXIT_DONE;

    buf_init(&bytes, PROJECT_RESOURCE_MAX);
    if (file_read(want->content, &bytes, &e) != E_OK)
        status = session_fail(a->s, EXIT_USAGE, "%s: %s", want->content, e.text);
    do {
        size_t n = bytes.len - at < PART ? bytes.len - at : PART;
        if (status == EXIT_DONE)
            status = upload_part(a, want, bucket, at, str_sub(buf_str(&bytes), at, at + n));
        at += n;
    } while (status == EXIT_DONE && at < bytes.len);
    buf_done(&bytes);
    return status;
}

static json_t *params_of(struct apply *a, const struct project_item *want)
{
    static const char *const texts[] = { "BundleId", "BundleInfo" };
    json_t *params = json_pack("{s:s}", "ProjectId", a->s->project);

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        json_object_set_new(params, texts[i], json_string(text_of(want->definition, texts[i])));
    return params;
}

static int create(struct apply *a, const struct project_item *want)
{
    const char *slash = strrchr(want->name, '/'), *region = text_of(want->definition, "CosRegion");
    const char *folder =
        arena_cstr(&a->s->arena, str_make(want->name, (size_t)(slash - want->name)));
    int status = apply_folder(a, want, FOLDER_OF_RESOURCES, NULL, NULL, folder);

    if (status == EXIT_DONE)
        status = upload(a, want, PROJECT_BUCKET);
    if (status != EXIT_DONE)
        return status;
    json_t *params = params_of(a, want);
    json_object_set_new(params, "ResourceName", json_string(slash + 1));
    json_object_set_new(params, "BucketName", json_string(PROJECT_BUCKET));
    json_object_set_new(params, "CosRegion", json_string(region));
    json_object_set_new(params, "ParentFolderPath", json_string(folder[0] ? folder : "/"));
    json_object_set_new(params, "ResourceFile", json_string(remote_path(a, want)));
    return apply_act(a, want, VERSION_2025, "CreateResourceFile", params);
}

int apply_resource(struct apply *a, struct change *c)
{
    json_t *params;
    int status = EXIT_DONE;
    bool bytes;

    if (!c->have)
        return create(a, c->want);
    bytes = strcmp(text_of(c->want->definition, "Digest"), text_of(c->have->definition, "Digest"));
    if (bytes)
        status = upload(a, c->want, c->have->bucket);
    if (status != EXIT_DONE)
        return status;
    params = params_of(a, c->want);
    json_object_set_new(params, "ResourceId", json_string(c->have->id));
    if (bytes)
        json_object_set_new(params, "ResourceFile", json_string(remote_path(a, c->want)));
    return apply_act(a, c->want, VERSION_2025, "UpdateResourceFile", params);
}
