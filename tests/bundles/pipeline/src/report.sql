select 1 as trips;
