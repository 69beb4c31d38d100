/// Tests of the command line: messages, exit statuses, the main job.
@org.jspecify.annotations.NullMarked
package ibrik.ssl.cli;
