/* tools/cppcheck.h - macros of system headers that cppcheck, which does not read those, must know. */
#ifndef TOOLS_CPPCHECK_H
#define TOOLS_CPPCHECK_H

#define json_array_foreach(array, at, value) \
    for ((at) = 0; (at) < json_array_size(array) && ((value) = json_array_get(array, at)); (at)++)
#define json_object_foreach(object, key, value) \
    for ((key) = json_object_iter_key(json_object_iter(object)); \
         (key) && ((value) = json_object_iter_value(json_object_key_to_iter(key))); \
         (key) = json_object_iter_key(json_object_iter_next(object, json_object_key_to_iter(key))))

#endif
