"""Collection rounds (자료제출 요청): what departments are asked for, what they submit, what is confirmed."""
