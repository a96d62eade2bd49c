/* base/codec.c - text forms of bytes: hex, base64, percent-encoding, UUID. */
#include "base/codec.h"

static const char hex_digits[] = "0123456789abcdef";

void hex_encode(char *out, const void *ptr, size_t len)
{
    const uint8_t *bytes = ptr;

    for (size_t i = 0; i < len; i++) {
        *out++ = hex_digits[bytes[i] >> 4];
        *out++ = hex_digits[bytes[i] & 15];
    }
    *out = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_decode(struct str text, void *out, size_t out_len)
{
    uint8_t *bytes = out;

    if (text.len != out_len * 2)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (hex_value(text.ptr[i]) < 0)
            return false;
    for (size_t i = 0; i < out_len; i++)
        bytes[i] = (uint8_t)(hex_value(text.ptr[2 * i]) * 16 + hex_value(text.ptr[2 * i + 1]));
    return true;
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct str bytes)
{
    if (bytes.len > SIZE_MAX / 2) {
        out->overflow = true;
        return;
    }
    size_t len = (bytes.len + 2) / 3 * 4;
    char *to = buf_reserve(out, len);
    if (!to)
        return;
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3, to += 4) {
        size_t n = bytes.len - i;
        uint32_t x = (uint32_t)p[i] << 16;
        if (n > 1)
            x |= (uint32_t)p[i + 1] << 8;
        if (n > 2)
            x |= p[i + 2];
        to[0] = base64_alphabet[x >> 18];
        to[1] = base64_alphabet[x >> 12 & 63];
        to[2] = n > 1 ? base64_alphabet[x >> 6 & 63] : '=';
        to[3] = n > 2 ? base64_alphabet[x & 63] : '=';
    }
    buf_grown(out, len);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Take away what was added to a buffer that held len bytes. */
static bool undo(struct buf *out, size_t len, bool overflow)
{
    out->len = len;
    out->overflow = overflow;
    if (out->ptr)
        out->ptr[len] = '\0';
    return false;
}

bool base64_decode(struct buf *out, struct str text)
{
    size_t before = out->len;
    bool overflow = out->overflow;
    uint32_t word = 0;
    int bits = 0, padding = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (c == '=') {
            padding++;
            continue;
        }
        int value = base64_value(c);
        if (value < 0 || padding > 0)
            return undo(out, before, overflow);
        word = word << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_add_char(out, (char)(word >> bits & 255));
        }
    }
    /* What is left over is less than a byte and zero; padding, if any, fills the last group. */
    int wanted = bits == 4 ? 2 : bits == 2 ? 1 : 0;
    if (bits >= 6 || (word & ((1u << bits) - 1)) != 0 || (padding != 0 && padding != wanted))
        return undo(out, before, overflow);
    return true;
}

bool percent_decode(struct buf *out, struct str text, bool plus_is_space)
{
    size_t before = out->len;
    bool overflow = out->overflow;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            bool whole = text.len - i > 2;
            int high = whole ? hex_value(text.ptr[i + 1]) : -1;
            int low = whole ? hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return undo(out, before, overflow);
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        buf_add_char(out, c);
    }
    return true;
}

void uuid_format(char *out, const uint8_t random[16])
{
    for (int i = 0; i < 16; i++) {
        uint8_t byte = random[i];
        if (i == 6)
            byte = (uint8_t)((byte & 0x0f) | 0x40);
        if (i == 8)
            byte = (uint8_t)((byte & 0x3f) | 0x80);
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex_digits[byte >> 4];
        *out++ = hex_digits[byte & 15];
    }
    *out = '\0';
}
