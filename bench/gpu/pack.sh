#!/usr/bin/env bash
# bench/gpu/pack.sh MAKE-KIT      (on the development machine)
#
# Builds the project and puts all that bench/gpu/check.sh needs on a machine with a GPU and without
# Java into .gpu/, which git does not see. MAKE-KIT is the script that makes such a folder from
# classes and jars (a small Java runtime, JCuda's libraries, a starter run-on-gpu.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kit=${1:?usage: bench/gpu/pack.sh MAKE-KIT}
JAVA_HOME=$(./ibrik --jdk)
export JAVA_HOME
console=org.junit.platform:junit-platform-console-standalone:1.14.4

mvn -q -B -ntp -Dfast -Pgpu -DskipTests -pl bench/gpu,kernels/cuda,ssl -am package
lib=bench/gpu/target/lib
rm -rf "$lib" && mkdir -p "$lib"
mvn -q -B -ntp -Dfast -Pgpu -pl bench/gpu dependency:copy-dependencies \
  -DincludeScope=runtime -DexcludeGroupIds=org.jcuda -DoutputDirectory="$PWD/$lib"
mvn -q -B -ntp dependency:copy -Dartifact="$console" -DoutputDirectory="$PWD/$lib/junit"
for module in tensor autograd kernels/cpu kernels/cuda nn ssl bench bench/gpu; do
  mkdir -p "$lib/classes" && cp -r "$module/target/classes/." "$lib/classes/"
done
# Each backend names itself in a file of one name.
services=META-INF/services/ibrik.tensor.backend.Backend
cat kernels/{cpu,cuda}/src/main/resources/$services > "$lib/classes/$services"
rm -f "$lib"/ibrik-*.jar
mkdir -p "$lib/tests"
cp -r {autograd,kernels/cuda,ssl}/target/test-classes/. "$lib/tests/"
bash "$kit" "$lib"
