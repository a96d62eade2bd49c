/* sys/curl.c - hands the functions of libcurl on to the library, see curl.h.
 *
 * Only those that somebody uses: what is missing here does not link.
 */
#include "sys/curl.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>

#define LIBRARY "libcurl.so.4"

#define FUNCTIONS(X)                                                                               \
    X(easy_init)                                                                                   \
    X(easy_cleanup)                                                                                \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_perform)                                                                                \
    X(easy_strerror)                                                                               \
    X(global_cleanup)                                                                              \
    X(global_init)                                                                                 \
    X(multi_init)                                                                                  \
    X(multi_cleanup)                                                                               \
    X(multi_add_handle)                                                                            \
    X(multi_remove_handle)                                                                         \
    X(multi_perform)                                                                               \
    X(multi_info_read)                                                                             \
    X(multi_poll)                                                                                  \
    X(multi_wakeup)                                                                                \
    X(slist_append)                                                                                \
    X(slist_free_all)

static struct {
#define X(name) __typeof__(curl_##name) *name;
    FUNCTIONS(X)
#undef X
} library;
static bool is_open;

static const struct {
    const char *name;
    void *at; /* the function's place in the library */
} functions[] = {
#define X(name) { "curl_" #name, &library.name },
    FUNCTIONS(X)
#undef X
};

/* It stays open until the program ends: there is no moment at which nobody needs it any more. */
enum err_code curl_library_open(struct err *e)
{
    if (is_open)
        return E_OK;
    void *opened = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!opened)
        return err_set(e, E_UNSUPPORTED, "libcurl cannot be opened: %s", dlerror());
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        void *found = dlsym(opened, functions[i].name);
        if (!found) {
            dlclose(opened);
            return err_set(e, E_UNSUPPORTED, LIBRARY " is too old: it has no %s",
                           functions[i].name);
        }
        memcpy(functions[i].at, &found, sizeof(found));
    }
    is_open = true;
    return E_OK;
}

/* ---- libcurl's functions; (name): not the macros of its headers ------------------------------ */

CURL *curl_easy_init(void)
{
    return library.easy_init();
}

void curl_easy_cleanup(CURL *curl)
{
    library.easy_cleanup(curl);
}

/* What kind of value follows is said by the option's number. */
CURLcode(curl_easy_setopt)(CURL *curl, CURLoption option, ...)
{
    CURLcode code;
    va_list ap;

    va_start(ap, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = library.easy_setopt(curl, option, va_arg(ap, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = library.easy_setopt(curl, option, va_arg(ap, curl_off_t));
    else
        code = library.easy_setopt(curl, option, va_arg(ap, void *));
    va_end(ap);
    return code;
}

CURLcode(curl_easy_getinfo)(CURL *curl, CURLINFO info, ...)
{
    va_list ap;

    va_start(ap, info);
    CURLcode code = library.easy_getinfo(curl, info, va_arg(ap, void *));
    va_end(ap);
    return code;
}

CURLcode curl_easy_perform(CURL *curl)
{
    return library.easy_perform(curl);
}

const char *curl_easy_strerror(CURLcode code)
{
    return library.easy_strerror(code);
}

CURLcode curl_global_init(long flags)
{
    return library.global_init(flags);
}

void curl_global_cleanup(void)
{
    library.global_cleanup();
}

CURLM *curl_multi_init(void)
{
    return library.multi_init();
}

CURLMcode curl_multi_cleanup(CURLM *multi)
{
    return library.multi_cleanup(multi);
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *curl)
{
    return library.multi_add_handle(multi, curl);
}

CURLMcode curl_multi_remove_handle(CURLM *multi, CURL *curl)
{
    return library.multi_remove_handle(multi, curl);
}

CURLMcode curl_multi_perform(CURLM *multi, int *running)
{
    return library.multi_perform(multi, running);
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left)
{
    return library.multi_info_read(multi, left);
}

CURLMcode curl_multi_poll(CURLM *multi, struct curl_waitfd *more, unsigned n, int timeout_ms,
                          int *ret)
{
    return library.multi_poll(multi, more, n, timeout_ms, ret);
}

CURLMcode curl_multi_wakeup(CURLM *multi)
{
    return library.multi_wakeup(multi);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
    return library.slist_append(list, text);
}

void curl_slist_free_all(struct curl_slist *list)
{
    library.slist_free_all(list);
}
