# SPDX-License-Identifier: Apache-2.0
# Builds TARGET in BUILD: it must compile, or, where FAIL is set, must fail with a message that matches EXPECTED.
execute_process(
    COMMAND ${CMAKE_COMMAND} --build ${BUILD} --target ${TARGET}
    RESULT_VARIABLE status
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
if(NOT FAIL AND NOT status EQUAL 0)
    message(FATAL_ERROR "must compile:\n${output}")
elseif(FAIL AND status EQUAL 0)
    message(FATAL_ERROR "must not compile, and does")
elseif(FAIL AND NOT output MATCHES "error:.*${EXPECTED}")
    message(FATAL_ERROR "the compiler's message does not name '${EXPECTED}':\n${output}")
endif()
