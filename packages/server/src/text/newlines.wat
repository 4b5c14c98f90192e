;; Counts newline bytes, 64 at a time. `pnpm exec node scripts/build-newline-counter.ts` turns this into
;; newlines-binary.ts; a test checks that the two agree.
(module
  (memory (export "memory") 1)

  ;; How many bytes in [$at, $end) are 0x0A.
  (func (export "count") (param $at i32) (param $end i32) (result i32)
    (local $newline v128)
    (local $bytes v128)     ;; sixteen counts of one byte each, emptied before they can overflow
    (local $sums v128)      ;; four counts of 32 bits
    (local $pause i32)      ;; where the counts of one byte are emptied
    (local $total i32)
    (local.set $newline (i8x16.splat (i32.const 10)))

    (block $fewer_than_64
      (loop $groups
        (br_if $fewer_than_64 (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 64)))
        ;; A step adds at most 4 to each one-byte count, so 63 steps of 64 bytes fit in 255.
        (local.set $pause (i32.add (local.get $at) (i32.const 4032)))
        (if (i32.gt_u (i32.sub (local.get $pause) (local.get $at)) (i32.sub (local.get $end) (local.get $at)))
          (then (local.set $pause
            (i32.add (local.get $at)
              (i32.and (i32.sub (local.get $end) (local.get $at)) (i32.const -64))))))
        (local.set $bytes (v128.const i32x4 0 0 0 0))
        (loop $steps
          ;; A comparison yields -1 where it holds, so what is subtracted is the count.
          (local.set $bytes
            (i8x16.sub (local.get $bytes)
              (i8x16.add
                (i8x16.add
                  (i8x16.eq (v128.load (local.get $at)) (local.get $newline))
                  (i8x16.eq (v128.load offset=16 (local.get $at)) (local.get $newline)))
                (i8x16.add
                  (i8x16.eq (v128.load offset=32 (local.get $at)) (local.get $newline))
                  (i8x16.eq (v128.load offset=48 (local.get $at)) (local.get $newline))))))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $steps (i32.lt_u (local.get $at) (local.get $pause))))
        (local.set $sums
          (i32x4.add (local.get $sums)
            (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (local.get $bytes)))))
        (br $groups)))

    (local.set $total
      (i32.add
        (i32.add (i32x4.extract_lane 0 (local.get $sums)) (i32x4.extract_lane 1 (local.get $sums)))
        (i32.add (i32x4.extract_lane 2 (local.get $sums)) (i32x4.extract_lane 3 (local.get $sums)))))
    (block $done
      (loop $rest
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $total
          (i32.add (local.get $total) (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $rest)))
    (local.get $total)))
