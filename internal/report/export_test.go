package report

// CurlLine and CurlNote are for tests with the engine.
var CurlLine, CurlNote = curlLine, curlNote
