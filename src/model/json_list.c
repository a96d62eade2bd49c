/* model/json_list.c - lists of texts in JSON of libjansson. */
#include "model/json_list.h"

#include "base/map.h"

void json_list_once(json_t *object, const char *name)
{
    json_t *list = json_object_get(object, name), *once, *item;
    struct map seen;
    size_t i;

    if (!json_is_array(list))
        return;
    once = json_array();
    map_init(&seen);
    json_array_foreach(list, i, item)
    {
        struct str text = str_make(json_string_value(item), json_string_length(item));
        if (!map_put(&seen, text, object))
            json_array_append(once, item);
    }
    map_done(&seen);
    json_object_set_new(object, name, once);
}
