/// Tests of reports.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.report;
