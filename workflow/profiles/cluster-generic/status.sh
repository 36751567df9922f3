#!/bin/sh
# Say whether a job of PBS is running (or waits), was a success or failed.

answer=$(qstat -x -f "$1" 2>/dev/null)
case $? in
  0) ;;
  35 | 153) echo failed && exit ;; # a job that PBS has forgotten
  *) echo running && exit ;;       # PBS does not answer: ask again later
esac

case $answer in
  *"job_state = F"* | *"job_state = C"*) ;; # finished, completed
  *) echo running && exit ;;
esac
case $answer in
  *[Ee]"xit_status = 0"*) echo success ;;
  *) echo failed ;;
esac
