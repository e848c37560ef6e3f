/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same figure is the same file, whenever it is drawn. */
#ifndef SQZ_PLOT_PDF_DATE_H
#define SQZ_PLOT_PDF_DATE_H

/* Blank out the date that cairo writes into a PDF; the file's structure stays. A file that cannot
 * be opened or has none is left as it is. */
void sqz_pdf_remove_date(const char *path);

#endif
