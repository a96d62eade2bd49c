/* store/table.h - what the store knows about a table: columns, key and indexes.
 *
 * Descriptors are constants (tables.c); both back ends work from them alone, so a new column is one
 * field in rows.h and one line in tables.c.  Private to src/store and its tests.
 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/arena.h"
#include "store/rows.h"

enum column_type { COLUMN_TEXT, COLUMN_I64, COLUMN_I32, COLUMN_BOOL, COLUMN_WALL, COLUMN_CIVIL };

struct column {
    const char *name; /* the field's name, in SQL too */
    enum column_type type;
    size_t offset;           /* of the field in the row struct */
    int32_t first, n_values; /* of an enumeration; n_values 0: any number */
};

enum { COLUMN_LIST_MAX = 4, TABLE_INDEXES_MAX = 4, TABLE_ROW_MAX = 1024, TABLE_N_ = 38 };

/* Columns by number, in order. */
struct column_list {
    int n;
    uint8_t at[COLUMN_LIST_MAX];
};

/* A partial index holds only the rows that meet its condition. */
enum partial {
    PARTIAL_NONE,
    PARTIAL_AT_MOST,  /* number column <= partial_number */
    PARTIAL_NOT_EMPTY /* text column is not "" */
};

struct table_index {
    const char *name; /* SQL: <table>_<name> */
    bool unique;      /* unique ones come first in the table's list and are never partial */
    struct column_list columns;
    enum partial partial;
    uint8_t partial_column;
    int64_t partial_number;
};

struct table {
    int number; /* 0 .. TABLE_N_ - 1, the place in tables[] */
    const char *name;
    size_t row_size;
    int n_columns;
    const struct column *columns;
    struct column_list key;
    int n_indexes;
    const struct table_index *indexes;
    /* Rows are large and many: they are kept in the order of their making and the key in an index
     * of its own, so that the rows of one moment share pages (bench/store.c: 3 times the rows per
     * second at 200,000 instances). */
    bool wide;
};

extern const struct table *const tables[TABLE_N_];

/* Value of a column; the type decides which of the two is allowed. */
int64_t column_number(const struct column *c, const void *row);
struct str column_text(const struct column *c, const void *row);
void column_set_number(const struct column *c, void *row, int64_t number);
void column_set_text(const struct column *c, void *row, struct str text);
/* Whether a number that was read can be a value of the column: otherwise the file is damaged, and
 * who reads must not meet it. */
bool column_knows(const struct column *c, int64_t number);
/* Order of a column's values in two rows: text by bytes, everything else by number. */
int column_cmp(const struct column *c, const void *a, const void *b);

/* The mask of all columns. */
uint64_t table_columns(const struct table *t);
/* Set the columns of the mask as they are in `from`, text in the arena. */
void row_take(const struct table *t, uint64_t columns, struct arena *a, void *row,
              const void *from);
/* A row with the columns of the mask as they are in `from`, text borrowed; the rest is unset. */
void row_show(const struct table *t, uint64_t columns, void *ret_row, const void *from);

bool column_list_has(const struct column_list *l, int column);
/* The key is one 64-bit integer. */
bool table_has_integer_key(const struct table *t);
/* Whether the index has an entry for this row. */
bool index_holds(const struct table *t, const struct table_index *x, const void *row);

#endif
