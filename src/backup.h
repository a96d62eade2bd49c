/* backup.h - `weft backup`: a copy of a server's folder of data, taken while it runs or not, which
 * is a folder of data itself. */
#ifndef BACKUP_H
#define BACKUP_H

/* argv[0] is "backup"; returns the exit status: 0 the copy is whole and on the disk, 1 there is
 * none, 2 usage. */
int backup_main(int argc, char **argv);

#endif
