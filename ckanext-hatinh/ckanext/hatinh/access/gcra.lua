-- Spend units of one caller, or refuse: the generic cell rate algorithm in one call.
--
-- KEYS[1]  the caller. Its value is the moment at which everything spent will have come back.
-- ARGV     microseconds in which one unit comes back; units that may be spent at once; the cost
-- Gives    1 or 0 (allowed), units that remain, microseconds until all are back, until it may come
--          again. The clock is the server's, so that all processes of all machines count by one.
local interval, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local whole = burst * interval

-- A clock that was set back must lock nobody out for longer than a whole burst takes.
local back = math.min(math.max(tonumber(redis.call('GET', KEYS[1])) or now, now), now + whole)
local after = back + cost * interval
local wait = after - whole - now
if wait > 0 then
  return {0, math.floor((now + whole - back) / interval), back - now, wait}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1000)
return {1, math.floor((now + whole - after) / interval), after - now, 0}
