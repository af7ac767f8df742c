#!/bin/sh
# Succeeds where a build should have GPU support: on a Mac, which has Metal; elsewhere where there are a device and
# Vulkan's loader.
[ "$(uname -s)" = Darwin ] && exit 0
ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1' || exit 1
for device in /dev/nvidia0 /dev/dri/renderD*; do
  [ -e "$device" ] && exit 0
done
exit 1
