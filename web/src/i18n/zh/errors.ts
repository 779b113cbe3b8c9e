/** A sentence for each code that the server may refuse with; a code that is not here is told by its own `detail`. */
export const errors = {
  "error.hutong.not_found": "这里没有你能看到的东西。",
  "error.hutong.denied": "你不能这样做。",
  "error.hutong.too_many": "太快了，{retry_after_s} 秒后再试。",
  "error.hutong.unavailable": "暂时用不了，什么都没有改变，请稍后再试。",
};
