/* test/sys/t_crypto.c - vectors of FIPS 180-4, RFC 4231 and RFC 2202, and OpenSSL's own HMAC. */
#include "sys/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/prng.h"

static void test_sha256(void **state)
{
    (void)state;
    char hex[2 * SHA256_LEN + 1];
    sha256_hex(STR("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex(str_from(NULL), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *million = mem_alloc(1000000);
    memset(million, 'a', 1000000);
    sha256_hex(str_make(million, 1000000), hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    mem_free(million);
}

struct vector {
    int line;
    const char *key; /* the byte to repeat when key_repeat > 0 */
    size_t key_repeat;
    const char *data;
    size_t data_repeat;
    const char *mac;
};

static struct str fill(char *room, const char *text, size_t repeat)
{
    if (repeat == 0)
        return str_from(text);
    memset(room, text[0], repeat);
    return str_make(room, repeat);
}

static void test_hmac_sha256(void **state)
{
    (void)state;
    char counting[26] = { 0 };
    for (int i = 0; i < 25; i++)
        counting[i] = (char)(i + 1);
    const struct vector rows[] = {
        { __LINE__, "\x0b", 20, "Hi There", 0,
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { __LINE__, "Jefe", 0, "what do ya want for nothing?", 0,
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { __LINE__, "\xaa", 20, "\xdd", 50,
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { __LINE__, counting, 0, "\xcd", 50,
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { __LINE__, "\xaa", 131, "Test Using Larger Than Block-Size Key - Hash Key First", 0,
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char key[200], data[200], hex[2 * SHA256_LEN + 1];
        uint8_t mac[SHA256_LEN];
        hmac_sha256(fill(key, rows[i].key, rows[i].key_repeat),
                    fill(data, rows[i].data, rows[i].data_repeat), mac);
        hex_encode(hex, mac, sizeof(mac));
        if (strcmp(hex, rows[i].mac) != 0)
            fail_msg("row of line %d: %s", rows[i].line, hex);
    }
}

static void test_hmac_sha1(void **state)
{
    (void)state;
    const struct vector rows[] = {
        { __LINE__, "\x0b", 20, "Hi There", 0, "b617318655057264e28bc0b6fb378c8ef146be00" },
        { __LINE__, "Jefe", 0, "what do ya want for nothing?", 0,
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
        { __LINE__, "\xaa", 20, "\xdd", 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3" },
        { __LINE__, "\xaa", 80, "Test Using Larger Than Block-Size Key - Hash Key First", 0,
          "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char key[200], data[200], hex[2 * SHA1_LEN + 1];
        uint8_t mac[SHA1_LEN];
        hmac_sha1(fill(key, rows[i].key, rows[i].key_repeat),
                  fill(data, rows[i].data, rows[i].data_repeat), mac);
        hex_encode(hex, mac, sizeof(mac));
        if (strcmp(hex, rows[i].mac) != 0)
            fail_msg("row of line %d: %s", rows[i].line, hex);
    }
}

/* Every key length around the block size, against the library's own. */
static void test_hmac_agrees(void **state)
{
    (void)state;
    struct prng random;
    char key[140], data[300];
    prng_init(&random, 6);
    for (size_t len = 0; len < sizeof(key); len++) {
        size_t n = prng_below(&random, sizeof(data));
        for (size_t i = 0; i < sizeof(key); i++)
            key[i] = (char)prng_next(&random);
        for (size_t i = 0; i < n; i++)
            data[i] = (char)prng_next(&random);
        uint8_t mac[SHA256_LEN], wanted[EVP_MAX_MD_SIZE];
        hmac_sha256(str_make(key, len), str_make(data, n), mac);
        HMAC(EVP_sha256(), key, (int)len, (const unsigned char *)data, n, wanted, NULL);
        assert_memory_equal(mac, wanted, SHA256_LEN);
        hmac_sha1(str_make(key, len), str_make(data, n), mac);
        HMAC(EVP_sha1(), key, (int)len, (const unsigned char *)data, n, wanted, NULL);
        assert_memory_equal(mac, wanted, SHA1_LEN);
    }
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(crypto_equal("abc", "abc", 3));
    assert_true(crypto_equal("abc", "xyz", 0));
    assert_false(crypto_equal("abc", "abd", 3));
    assert_false(crypto_equal("abc", "xbc", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),    cmocka_unit_test(test_hmac_sha256),
        cmocka_unit_test(test_hmac_sha1), cmocka_unit_test(test_hmac_agrees),
        cmocka_unit_test(test_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
